from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

import rowspace as rs
from rowspace import nn as rnn
from rowspace.errors import RecipeError, RowIdError, ShapeError, UnknownKeyError
from rowspace.vocabulary import Subwords, Words
from rowspace.vocabulary.ngrams import NGrams


@pytest.fixture
def table() -> rs.Table:
    return rs.Table.from_arrays(["king", "queen", "joker"], np.arange(6, dtype=np.float32).reshape(3, 2))


def test_states_load_both_ways() -> None:
    ours, theirs = rnn.Embedding(7, 3), torch.nn.Embedding(7, 3)
    theirs.load_state_dict(ours.state_dict())
    assert torch.equal(ours.weight, theirs.weight)
    fresh = torch.nn.Embedding(7, 3)
    ours.load_state_dict(fresh.state_dict(), assign=True)
    assert torch.equal(ours.weight, fresh.weight)
    assert isinstance(ours.weight, rnn.RowParameter)


def test_the_same_seed_gives_torchs_rows() -> None:
    torch.manual_seed(5)
    theirs = torch.nn.Embedding(6, 4, padding_idx=2)
    torch.manual_seed(5)
    ours = rnn.Embedding(6, 4, padding_idx=2)
    assert torch.equal(ours.weight, theirs.weight)
    assert str(ours) == str(theirs)
    assert isinstance(ours, torch.nn.Embedding)


def test_from_pretrained_is_torchs() -> None:
    rows = torch.eye(3)
    layer = rnn.Embedding.from_pretrained(rows, freeze=True, padding_idx=0)
    assert not layer.weight.requires_grad
    assert layer.weight.data_ptr() == rows.data_ptr()


def test_keys_and_ids_give_the_same_vectors(table) -> None:
    layer = rnn.Embedding.from_table(table)
    assert torch.equal(layer(["queen", "king"]), layer(torch.tensor([1, 0])))
    assert torch.equal(layer("joker"), layer(torch.tensor(2)))
    assert layer([["king", "queen"], ["joker", "king"]]).shape == (2, 2, 2)
    assert layer([]).shape == (0, 2)


def test_from_table_copies(table) -> None:
    layer = rnn.Embedding.from_table(table)
    with torch.no_grad():
        layer.weight.zero_()
    assert table["queen"].tolist() == [2.0, 3.0]
    assert rnn.Embedding.from_table(table, freeze=True).weight.requires_grad is False


def test_round_trip_through_a_table(table) -> None:
    again = rnn.Embedding.from_table(table).to_table()
    assert list(again.keys) == list(table.keys)
    assert np.array_equal(again.vectors, table.vectors)


def test_unknown_keys_follow_the_policy(table) -> None:
    with pytest.raises(UnknownKeyError, match="'jack'"):
        rnn.Embedding.from_table(table)(["king", "jack"])
    zero = rnn.Embedding.from_table(table, out_of_range="zero")
    assert zero(["king", "jack"])[1].tolist() == [0.0, 0.0]
    learned = rnn.Embedding.from_table(table, unknown=rnn.Unknown())
    assert learned.num_embeddings == 4
    assert torch.allclose(learned(["jack"])[0], torch.from_numpy(table.vectors.mean(0)))
    by_policy = rnn.Embedding.from_table(table, out_of_range="unknown")
    assert by_policy(["jack"]).shape == (1, 2)


@pytest.mark.parametrize("dtype", [torch.int64, torch.int32, torch.int16, torch.uint8])
def test_ids_of_every_integer_kind(dtype) -> None:
    layer = rnn.Embedding(5, 2)
    assert torch.equal(layer(torch.tensor([[4, 0]], dtype=dtype)), layer.weight[torch.tensor([[4, 0]])])


def test_ids_that_are_no_ids() -> None:
    layer = rnn.Embedding(5, 2, name="colors")
    for ids in (torch.tensor([1.0]), torch.tensor([1j])):
        with pytest.raises(ShapeError, match="colors"):
            layer(ids)
    for ids in ([[0, 5]], [[-1, 2]], [[2**40, 0]]):
        with pytest.raises(RowIdError, match=r"colors.*\[0, 5\)"):
            layer(torch.tensor(ids))
    with pytest.raises(RecipeError, match="no vocabulary"):
        layer(["red"])


def test_an_id_out_of_range_can_be_unknown_or_zero() -> None:
    unknown = rnn.Embedding(5, 2, out_of_range="unknown", unknown=rnn.Unknown(row=0))
    assert torch.equal(unknown(torch.tensor([7, 1])), unknown.weight[[0, 1]])
    zero = rnn.Embedding(5, 2, out_of_range="zero")
    out = zero(torch.tensor([7, 1]))
    out.sum().backward()
    assert out[0].tolist() == [0.0, 0.0]
    assert zero.weight.grad.sum(1).tolist() == [0.0, 2.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("rows_dim", [(0, 3), (4, 0), (0, 0)])
def test_tables_without_rows_or_dims(rows_dim) -> None:
    layer = rnn.Embedding(*rows_dim)
    assert layer(torch.empty(2, 0, dtype=torch.int64)).shape == (2, 0, rows_dim[1])
    if rows_dim[0] == 0:
        with pytest.raises(RowIdError):
            layer(torch.tensor([0]))


def test_strided_ids(collecting, dense_gradient) -> None:
    layer = rnn.Embedding(9, 2)
    keeper = collecting(layer)
    ids = torch.arange(8).reshape(2, 4).t()[::2]
    layer(ids).sum().backward()
    assert dense_gradient(layer.weight).sum(1).nonzero().squeeze(1).tolist() == sorted(ids.flatten().tolist())
    assert keeper.settled


def test_more_rows_than_int32_counts(collecting) -> None:
    """The rows share one row's memory, so the table costs nothing."""
    many = 2**31 + 10
    layer = rnn.Embedding(1, 2)
    layer.weight = rnn.RowParameter(torch.ones(1, 2).expand(many, 2), requires_grad=False)
    assert layer(torch.tensor([2**31 + 5])).tolist() == [[1.0, 1.0]]


def test_the_padding_row_gets_no_gradient(collecting, dense_gradient) -> None:
    layer = rnn.Embedding(4, 2, padding_idx=1)
    keeper = collecting(layer)
    layer(torch.tensor([1, 2, 1, 1])).sum().backward()
    assert dense_gradient(layer.weight)[1].tolist() == [0.0, 0.0]
    assert len(keeper.settled) == 1


def test_init_fills_all_but_the_padding_row() -> None:
    layer = rnn.Embedding(100, 50, padding_idx=3, init="uniform_word2vec")
    assert layer.weight[3].count_nonzero() == 0
    assert 0 < layer.weight.abs().max() <= 0.01


def test_max_norm_bounds_outputs_and_leaves_rows(collecting) -> None:
    layer = rnn.Embedding(4, 2, max_norm=1.0)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[3.0, 4.0], [0.3, 0.4], [0, 0], [6, 8]]))
    out = layer(torch.tensor([0, 1, 0]))
    assert torch.allclose(out.norm(dim=1), torch.tensor([1.0, 0.5, 1.0]), atol=1e-5)
    assert layer.weight[0].tolist() == [3.0, 4.0]


def test_subwords_are_means_with_gradient() -> None:
    vocabulary = Subwords(Words.from_keys(["of", "to"]), NGrams(3, 4, buckets=50))
    layer = rnn.Embedding.from_vocabulary(vocabulary, 3)
    rows = vocabulary.rows_of(["off"]).ids
    out = layer(["off", "of"])
    assert torch.allclose(out[0], layer.weight[rows].mean(0))
    out[0].sum().backward()
    assert set(layer.weight.grad.sum(1).nonzero().squeeze(1).tolist()) == set(rows.tolist())


def test_subword_rows_are_collected(collecting, dense_gradient) -> None:
    vocabulary = Subwords(Words.from_keys(["of", "to"]), NGrams(3, 4, buckets=50))
    layer = rnn.Embedding.from_vocabulary(vocabulary, 3)
    layer(["off"]).sum().backward()
    expected = layer.weight.grad.clone()
    layer.zero_grad()
    keeper = collecting(layer)
    layer(["off"]).sum().backward()
    assert torch.allclose(dense_gradient(layer.weight), expected)
    assert keeper.settled


def test_attend_is_the_product_with_every_row() -> None:
    layer, hidden = rnn.Embedding(5, 3), torch.randn(2, 4, 3)
    assert torch.allclose(layer.attend(hidden), hidden @ layer.weight.t())


def test_copies_know_keys_and_own_their_rows(table) -> None:
    layer = rnn.Embedding.from_table(table)
    twin = copy.deepcopy(layer)
    with torch.no_grad():
        twin.weight.zero_()
    assert layer("queen").tolist() == [2.0, 3.0]
    assert twin("queen").tolist() == [0.0, 0.0]


def test_saved_states_are_safe_to_load(table, tmp_path) -> None:
    layer = rnn.Embedding.from_table(table)
    torch.save(layer.state_dict(), tmp_path / "state.pt")
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    torch.nn.Embedding(3, 2).load_state_dict(state)


def test_gradcheck() -> None:
    layer = rnn.Embedding(5, 3).double()
    ids = torch.tensor([[0, 3], [3, 4]])
    weight = layer.weight.detach().clone().requires_grad_()
    assert torch.autograd.gradcheck(
        lambda w: torch.func.functional_call(layer, {"weight": w}, (ids,)), weight
    )
    assert torch.autograd.gradgradcheck(
        lambda w: torch.func.functional_call(layer, {"weight": w}, (ids,)).pow(2), weight
    )


def test_a_vocabulary_must_fit() -> None:
    with pytest.raises(RecipeError, match="3 rows, but the table has 2"):
        rnn.Embedding(2, 4, vocabulary=Words.from_keys(["a", "b", "c"]))


def test_the_report_counts_unknown_lookups(table) -> None:
    layer = rnn.Embedding.from_table(table, unknown=rnn.Unknown())
    layer(["king", "jack", "jack", "queen"])
    report = layer.unknown_report()
    assert (report.lookups, report.unknown) == (4, 2)
    assert report.most_frequent(1) == [("jack", 2)]


def test_jagged_ids_give_jagged_vectors() -> None:
    layer = rnn.Embedding(9, 2)
    ids = torch.nested.nested_tensor([torch.tensor([1, 2, 3]), torch.tensor([8])], layout=torch.jagged)
    out = layer(ids)
    assert torch.equal(out.values(), layer.weight[[1, 2, 3, 8]])
    assert torch.equal(out.offsets(), ids.offsets())


def test_a_weight_put_in_anothers_place_is_checked_by_its_own_size() -> None:
    layer = rnn.Embedding(9, 2)
    layer.weight = rnn.RowParameter(torch.zeros(3, 2))
    with pytest.raises(RowIdError, match=r"\[0, 3\)"):
        layer(torch.tensor([5]))


def test_an_unknown_row_that_never_learned_says_nothing() -> None:
    layer = rnn.Embedding.from_vocabulary(Words.from_keys(["a", "b"]), 2, out_of_range="unknown")
    assert layer(["zzz"]).tolist() == [[0.0, 0.0]]
