from __future__ import annotations

import pytest
import torch

from rowspace.nn.lookup import gather, is_collected, pool, pool_block
from rowspace.nn.row_parameter import RowParameter


@pytest.fixture
def weight(collecting):
    layer = torch.nn.Embedding(6, 3)
    layer.weight = RowParameter(layer.weight)
    layer.weight.keeper = collecting(layer)
    return layer.weight


def test_nothing_is_collected_without_grad_mode(weight) -> None:
    assert is_collected(weight)
    with torch.no_grad():
        assert not gather(weight, torch.tensor([1])).requires_grad
    assert weight.take_gradient() is None
    assert len(weight.keeper.settled) == 1, "rows are settled before they are read all the same"


def test_frozen_rows_collect_nothing(weight) -> None:
    weight.requires_grad_(False)
    scale = torch.ones(1, requires_grad=True)
    (gather(weight, torch.tensor([1])) * scale).sum().backward()
    assert weight.take_gradient() is None


def test_autocast_gradients_arrive_in_the_type_of_the_rows(weight, dense_gradient) -> None:
    output = torch.nn.Linear(3, 2)
    with torch.autocast("cpu", torch.bfloat16):
        output(gather(weight, torch.tensor([1, 1, 4]))).sum().backward()
    assert dense_gradient(weight).dtype == torch.float32


def test_a_graph_kept_for_two_backward_passes_counts_twice(weight, dense_gradient) -> None:
    out = gather(weight, torch.tensor([2])).sum()
    out.backward(retain_graph=True)
    out.backward()
    assert dense_gradient(weight)[2].tolist() == [2.0, 2.0, 2.0]


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@pytest.mark.parametrize("padding_row", [None, 2])
def test_blocks_agree_with_torchs_operator(mode, padding_row) -> None:
    rows, ids = torch.randn(6, 3), torch.tensor([[0, 1, 2], [2, 2, 2], [5, 5, 3]])
    expected = torch.nn.functional.embedding_bag(ids, rows, mode=mode, padding_idx=padding_row)
    torch.testing.assert_close(pool_block(rows, ids, None, mode, padding_row), expected)


def test_a_pool_over_ordinary_vectors_is_differentiable() -> None:
    vectors = torch.randn(3, 2, requires_grad=True)
    ids, offsets = torch.arange(3), torch.tensor([0, 1, 3])
    pool(vectors * 2, ids, offsets, torch.tensor([1.0, 0.5, 0.5])).sum().backward()
    assert vectors.grad.tolist() == [[2.0, 2.0], [1.0, 1.0], [1.0, 1.0]]


def test_rows_that_lag_are_settled_once_each(weight, dense_gradient) -> None:
    weight.keeper.behind = True
    gather(weight, torch.tensor([4, 1, 4])).sum().backward()
    assert weight.keeper.settled[-1].tolist() == [1, 4]
    pool(weight, torch.tensor([5, 5, 2]), torch.tensor([0, 2, 3])).sum().backward()
    assert weight.keeper.settled[-1].tolist() == [2, 5]
    assert dense_gradient(weight)[:, 0].tolist() == [0, 1, 1, 0, 2, 2]
