from __future__ import annotations

import copy
import gc
import io

import pytest
import torch

from rowspace.nn.row_gradient import RowGradient, Segments
from rowspace.nn.row_parameter import RowParameter


def row_gradient(*ids: int) -> RowGradient:
    return RowGradient(torch.tensor(ids), torch.ones(len(ids), 2))


def test_reading_the_gradient_sums_it_once_and_the_step_takes_that_tensor() -> None:
    weight = RowParameter(torch.zeros(5, 2))
    weight.collect(row_gradient(3, 1))
    weight.collect(row_gradient(3))
    assert weight.grad.tolist() == [[1.0, 1.0], [2.0, 2.0]]
    weight.grad.mul_(0.5)
    weight.collect(row_gradient(1))
    taken = weight.take_gradient()
    assert taken.rows.tolist() == [1, 3]
    assert taken.summed().outputs.tolist() == [[1.5, 1.5], [1.0, 1.0]]
    assert weight.grad is None
    assert weight.take_gradient() is None


def test_clipping_by_torch_sees_the_norm_of_the_dense_gradient() -> None:
    weight, other = RowParameter(torch.zeros(5, 2)), torch.nn.Parameter(torch.zeros(3))
    weight.collect(row_gradient(3, 3))
    other.grad = torch.ones(3)
    norm = torch.nn.utils.clip_grad_norm_([weight, other], 1.0)
    assert norm.item() == pytest.approx(11.0**0.5)
    assert weight.take_gradient().outputs.norm().item() == pytest.approx((8 / 11) ** 0.5, rel=1e-4)


def test_zero_grad_forgets() -> None:
    weight = RowParameter(torch.zeros(5, 2))
    weight.collect(row_gradient(3))
    torch.optim.SGD([weight], lr=1.0).zero_grad()
    assert weight.take_gradient() is None


def test_a_dense_gradient_takes_rows_in() -> None:
    weight = RowParameter(torch.zeros(3, 2))
    (weight * 2).sum().backward()
    weight.collect(row_gradient(1))
    assert weight.take_gradient().tolist() == [[2.0, 2.0], [3.0, 3.0], [2.0, 2.0]]
    (weight * 2).sum().backward()
    weight.collect(row_gradient(1))
    assert weight.grad.tolist() == [[2.0, 2.0], [3.0, 3.0], [2.0, 2.0]]


def test_a_sparse_gradient_is_rows() -> None:
    weight = RowParameter(torch.zeros(5, 2))
    torch.nn.functional.embedding(torch.tensor([4, 4]), weight, sparse=True).sum().backward()
    weight.collect(row_gradient(0))
    taken = weight.take_gradient()
    assert isinstance(taken, Segments)
    assert taken.rows.tolist() == [0, 4]
    assert taken.summed().outputs.tolist() == [[1.0, 1.0], [2.0, 2.0]]


def test_without_a_collector_it_is_an_ordinary_parameter() -> None:
    weight = RowParameter(torch.zeros(3, 2))
    (weight * 3).sum().backward()
    assert weight.grad.tolist() == [[3.0, 3.0]] * 3
    torch.optim.SGD([weight], lr=1.0).step()
    assert weight.tolist() == [[-3.0, -3.0]] * 3


def test_a_collector_that_is_gone_collects_no_more(collecting) -> None:
    layer = torch.nn.Embedding(3, 2)
    layer.weight = RowParameter(layer.weight)
    keeper = collecting(layer)
    assert layer.weight.collects
    del keeper
    gc.collect()
    assert not layer.weight.collects


def test_copies_and_pickles_stay_row_parameters(collecting) -> None:
    layer = torch.nn.Embedding(3, 2)
    layer.weight = RowParameter(layer.weight, requires_grad=False)
    layer.weight.rates = torch.tensor([0.0, 1.0, 1.0])
    keeper = collecting(layer)
    twin = copy.deepcopy(layer).weight
    buffer = io.BytesIO()
    torch.save(layer, buffer)
    buffer.seek(0)
    read = torch.load(buffer, weights_only=False).weight
    for each in (twin, read):
        assert isinstance(each, RowParameter)
        assert torch.equal(each, layer.weight)
        assert torch.equal(each.rates, layer.weight.rates)
        assert not each.requires_grad
        assert each.collector is None
    assert len(keeper.settled) == 2


def test_moving_dtype_keeps_the_kind() -> None:
    layer = torch.nn.Embedding(3, 2)
    layer.weight = RowParameter(layer.weight)
    assert isinstance(layer.double().weight, RowParameter)
    assert layer.weight.dtype == torch.float64
