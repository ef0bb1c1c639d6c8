from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import rowspace as rs
from rowspace import nn as rnn
from rowspace.errors import RowIdError, ShapeError
from rowspace.vocabulary import Subwords, Words
from rowspace.vocabulary.ngrams import NGrams

MODES = ("sum", "mean", "max")


def by_hand(weight, ids, offsets, mode, weights=None):
    """Each bag by itself, as the docstring says it."""
    out = []
    for first, last in pairwise(offsets):
        rows = weight[ids[first:last]]
        scale = torch.ones(last - first) if weights is None else weights[first:last]
        if first == last:
            out.append(torch.zeros(weight.shape[1]))
        elif mode == "max":
            out.append((rows * scale[:, None]).max(0).values)
        else:
            total = scale.sum() if mode == "mean" else 1.0
            out.append((rows * scale[:, None]).sum(0) / total)
    return torch.stack(out)


@pytest.mark.parametrize("collected", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_every_mode_with_and_without_weights(mode, weighted, collected, collecting, dense_gradient) -> None:
    layer = rnn.EmbeddingBag(9, 5, mode=mode)
    keeper = collecting(layer) if collected else None
    ids, offsets = torch.tensor([1, 8, 1, 0, 3, 4, 4]), torch.tensor([0, 3, 3, 4])
    weights = torch.rand(7, requires_grad=True) if weighted else None
    theirs, scale = (layer.weight.detach().clone().requires_grad_(), None)
    if weighted:
        scale = weights.detach().clone().requires_grad_()
    expected = by_hand(theirs, ids, [*offsets.tolist(), 7], mode, scale)
    found = layer(ids, offsets, weights)
    torch.testing.assert_close(found, expected)
    toward = torch.randn_like(expected)
    found.backward(toward)
    expected.backward(toward)
    torch.testing.assert_close(dense_gradient(layer.weight), theirs.grad)
    if weighted:
        torch.testing.assert_close(weights.grad, scale.grad)
    assert keeper is None or keeper.settled


@pytest.mark.parametrize("collected", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_padding_counts_for_nothing(mode, collected, collecting) -> None:
    layer = rnn.EmbeddingBag(6, 4, mode=mode, padding_idx=2)
    keeper = collecting(layer) if collected else None
    ids = torch.tensor([[2, 1, 3], [2, 2, 2], [5, 2, 5]])
    expected = F.embedding_bag(ids, layer.weight.detach(), mode=mode, padding_idx=2)
    torch.testing.assert_close(layer(ids), expected)
    assert keeper is None or keeper.settled


@pytest.mark.parametrize("mode", MODES)
def test_all_forms_of_bags_agree(mode) -> None:
    layer = rnn.EmbeddingBag(6, 4, mode=mode)
    block = torch.tensor([[0, 1], [2, 3]])
    expected = layer(block)
    torch.testing.assert_close(layer(block.reshape(-1), torch.tensor([0, 2])), expected)
    jagged = torch.nested.nested_tensor([torch.tensor([0, 1]), torch.tensor([2, 3])], layout=torch.jagged)
    torch.testing.assert_close(layer(jagged), expected)
    with_last = rnn.EmbeddingBag(6, 4, mode=mode, include_last_offset=True, _weight=layer.weight.detach())
    torch.testing.assert_close(with_last(block.reshape(-1), torch.tensor([0, 2, 4])), expected)


@pytest.mark.parametrize("mode", MODES)
def test_bags_of_keys(mode) -> None:
    table = rs.Table.from_arrays(["a", "b", "c"], np.random.default_rng(0).random((3, 4), np.float32))
    layer = rnn.EmbeddingBag.from_table(table, mode=mode)
    found = layer([["a", "c"], [], ["b"]])
    torch.testing.assert_close(found, layer(torch.tensor([0, 2, 1]), torch.tensor([0, 2, 2])))
    weights = torch.tensor([2.0, 1.0, 3.0])
    torch.testing.assert_close(
        layer([["a", "c"], [], ["b"]], per_sample_weights=weights),
        layer(torch.tensor([0, 2, 1]), torch.tensor([0, 2, 2]), weights),
    )


@pytest.mark.parametrize("mode", MODES)
def test_bags_of_subwords_are_over_the_vectors_of_keys(mode) -> None:
    vocabulary = Subwords(Words.from_keys(["of", "to"]), NGrams(3, 4, buckets=50))
    layer = rnn.EmbeddingBag.from_vocabulary(vocabulary, 3, mode=mode)
    single = rnn.Embedding.from_vocabulary(vocabulary, 3)
    single.load_state_dict(layer.state_dict())
    vectors = single(["off", "to"])
    expected = {"sum": vectors.sum(0), "mean": vectors.mean(0), "max": vectors.max(0).values}[mode]
    torch.testing.assert_close(layer([["off", "to"]])[0], expected)
    layer([["off", "to"]]).sum().backward()
    assert layer.weight.grad.count_nonzero() > 0


def test_zero_ids_lower_a_mean() -> None:
    layer = rnn.EmbeddingBag(3, 2, mode="mean", out_of_range="zero")
    torch.testing.assert_close(layer(torch.tensor([[0, 9]]))[0], layer.weight[0] / 2)


def test_bad_bags_are_told() -> None:
    layer = rnn.EmbeddingBag(5, 2, name="bags")
    ids = torch.tensor([0, 1, 2])
    for offsets in ([1, 2], [0, 5], [0, 2, 1]):
        with pytest.raises(ShapeError, match="bags: offsets"):
            layer(ids, torch.tensor(offsets))
    with pytest.raises(ShapeError, match="without offsets"):
        layer(ids)
    with pytest.raises(ShapeError, match="leave offsets out"):
        layer(ids.reshape(1, 3), torch.tensor([0]))
    with pytest.raises(ShapeError, match="per_sample_weights"):
        layer(ids, torch.tensor([0]), torch.ones(2))
    with pytest.raises(RowIdError, match="bags"):
        layer(torch.tensor([[5]]))
    with pytest.raises(ShapeError, match="bags"):
        layer(torch.tensor([[0.5]]))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("collected", [False, True])
def test_no_bags_and_empty_bags(mode, collected, collecting) -> None:
    layer = rnn.EmbeddingBag(5, 2, mode=mode)
    keeper = collecting(layer) if collected else None
    nothing = torch.empty(0, dtype=torch.int64)
    assert layer(nothing, nothing).shape == (0, 2)
    out = layer(nothing, torch.tensor([0, 0]))
    out.sum().backward()
    assert out.tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert keeper is None or keeper.settled


@pytest.mark.parametrize("mode", MODES)
def test_max_norm_gives_torchs_outputs(mode) -> None:
    rows = torch.randn(6, 4) * 3
    layer = rnn.EmbeddingBag(6, 4, mode=mode, max_norm=1.0, _weight=rows.clone())
    ids = torch.tensor([[0, 1], [4, 5]])
    expected = F.embedding_bag(ids, rows.clone(), mode=mode, max_norm=1.0)
    torch.testing.assert_close(layer(ids), expected)
    assert torch.equal(layer.weight, rows)


@pytest.mark.parametrize("mode", MODES)
def test_row_dropout_drops_entries_of_a_row_together(mode) -> None:
    torch.manual_seed(0)
    layer = rnn.EmbeddingBag(50, 1, mode="sum", dropout=rnn.Dropout(rows=0.5), _weight=torch.ones(50, 1))
    ids = torch.arange(50).repeat(2, 1).t()
    out = layer(ids).squeeze(1)
    assert set(out.tolist()) == {0.0, 4.0}
    assert layer.eval()(ids).unique().tolist() == [2.0]


@pytest.mark.parametrize("mode", MODES)
def test_gradcheck(mode) -> None:
    layer = rnn.EmbeddingBag(6, 3, mode=mode).double()
    ids, offsets = torch.tensor([0, 3, 3, 5]), torch.tensor([0, 1])
    weight = layer.weight.detach().clone().requires_grad_()
    scale = torch.rand(4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda w, s: torch.func.functional_call(layer, {"weight": w}, (ids, offsets, s)), (weight, scale)
    )
