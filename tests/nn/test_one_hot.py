"""One-hot vectors: against torch's own, and how little they store."""

from __future__ import annotations

import copy

import pytest
import torch
import torch.nn.functional as F

from rowspace.errors import ShapeError
from rowspace.nn.one_hot import OneHot, OneHotVectors

IDS = torch.tensor([[1, 4], [0, 1]])
LARGE = 2**40  # written out, a vector would take terabytes


def torchs(ids, num):
    return F.one_hot(ids, num).float()


def test_written_out_they_are_torchs():
    vectors = OneHot(5)(IDS)
    assert isinstance(vectors, OneHotVectors)
    assert torch.equal(vectors.to_dense(), torchs(IDS, 5))
    assert type(vectors.to_dense()) is torch.Tensor


def test_they_store_their_ids_alone():
    vectors = OneHot(LARGE)(IDS)
    assert vectors.shape == (2, 2, LARGE)
    assert vectors.dtype == torch.float32
    assert str(LARGE) in repr(vectors)


@pytest.mark.parametrize("bias", [True, False])
def test_a_linear_map_is_a_lookup_with_the_same_result_and_gradient(bias):
    linear, vectors = torch.nn.Linear(5, 3, bias=bias), OneHot(5)(IDS)
    results, gradients = [], []
    for each in (vectors, vectors.to_dense()):
        linear.zero_grad()
        results.append(linear(each))
        results[-1].square().sum().backward()
        gradients.append([parameter.grad.clone() for parameter in linear.parameters()])
    torch.testing.assert_close(*results)
    torch.testing.assert_close(*gradients)


def test_a_linear_map_of_padding_gives_the_bias():
    linear = torch.nn.Linear(5, 3)
    vectors = OneHot(5, padding_idx=4)(IDS)
    torch.testing.assert_close(linear(vectors), linear(vectors.to_dense()))
    assert torch.equal(linear(vectors)[0, 1], linear.bias)


@pytest.mark.parametrize(
    "product", [torch.matmul, torch.Tensor.matmul, lambda a, b: a @ b], ids=["matmul", "method", "sign"]
)
def test_a_product_is_a_lookup(product, monkeypatch):
    matrix, vectors = torch.randn(5, 3), OneHot(5)(IDS)
    monkeypatch.setattr(OneHotVectors, "to_dense", None)  # not needed
    torch.testing.assert_close(product(vectors, matrix), matrix[IDS])
    torch.testing.assert_close(torch.mm(OneHot(5)(IDS[0]), matrix), matrix[IDS[0]])


@pytest.mark.parametrize(
    "work",
    [
        lambda each: torch.cat([each, torch.ones(2, 2, 1)], -1),
        lambda each: each.sum(0),
        lambda each: each * torch.arange(5.0),
        lambda each: torch.arange(5.0).expand(2, 5) @ each.mT,
        lambda each: each[0, 1],
        lambda each: each.reshape(4, 5).argmax(-1),
        lambda each: each @ torch.arange(5.0),
        lambda each: F.cosine_similarity(each, torch.ones(5), dim=-1),
        lambda each: torch.zeros(2, 2, 5).add_(each),
    ],
)
def test_everything_else_is_done_with_the_dense_tensor(work):
    result = work(OneHot(5)(IDS))
    assert type(result) is torch.Tensor
    torch.testing.assert_close(result, work(torchs(IDS, 5)))


def test_gradient_flows_through_other_work_too():
    direction = torch.randn(5, requires_grad=True)
    (OneHot(5)(IDS) * direction).sum().backward()
    assert torch.equal(direction.grad, torch.tensor([1.0, 2.0, 0.0, 0.0, 1.0]))


@pytest.mark.parametrize("change", [lambda each: each.zero_(), lambda each: each.__setitem__(0, 1.0)])
def test_they_cannot_be_changed_in_place(change):
    with pytest.raises(ShapeError, match="cannot be changed in place"):
        change(OneHot(5)(IDS))


def test_a_copy_has_ids_of_its_own():
    vectors = OneHot(5)(IDS.clone())
    twin = copy.deepcopy(vectors)
    vectors.ids.zero_()
    assert torch.equal(twin.to_dense(), torchs(IDS, 5))


def test_the_type_is_that_asked_for():
    assert OneHot(5, dtype=torch.float64)(IDS).to_dense().dtype == torch.float64


@pytest.mark.unchecked
def test_a_compiled_network_gets_them_written_out():
    network = torch.nn.Sequential(OneHot(5), torch.nn.Linear(5, 3))
    compiled = torch.compile(network, backend="eager", fullgraph=True)
    torch.testing.assert_close(compiled(IDS), network(IDS))


def test_there_is_nothing_to_train_or_save():
    layer = OneHot(5)
    assert layer.num_parameters == 0
    assert not layer.state_dict()
    assert layer.embedding_dim == layer.num_embeddings == 5
