"""Shrinking: which keys stay, and that their rows do not change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rowspace.errors import RecipeError, UnknownKeyError
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.training.growing.growth import grow
from rowspace.training.growing.shrinking import shrink
from rowspace.vocabulary import Words
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.subwords import Subwords


def test_chosen_keys_stay_in_the_order_of_their_rows(table):
    small = shrink(table, ["k7", "k3"])
    assert list(small.keys) == ["k3", "k7"] and small.counts.tolist() == [470, 430]
    np.testing.assert_array_equal(small.vectors, table.lookup(["k3", "k7"]))
    assert not np.shares_memory(small.vectors, table.vectors)


def test_the_most_frequent_stay_and_equal_counts_go_by_row():
    table = Table.from_arrays(list("abcd"), np.eye(4, dtype=np.float32), counts=np.array([1, 5, 1, 7]))
    assert list(shrink(table, max_size=3).keys) == ["a", "b", "d"]
    assert list(shrink(table, min_count=5).keys) == ["b", "d"]
    assert list(shrink(table, ["a", "b"], max_size=1, min_count=1).keys) == ["b"]


def test_without_counts_the_first_stay():
    table = Table.from_arrays(list("abc"), np.eye(3, dtype=np.float32))
    assert list(shrink(table, max_size=2).keys) == ["a", "b"]
    with pytest.raises(RecipeError, match="needs a table with counts"):
        shrink(table, min_count=2)


def test_the_unknown_row_stays_and_takes_the_counts():
    words = Words.from_keys(["a", "b", "<unk>"], counts=np.array([9, 5, 1]), unknown_key="<unk>")
    small = shrink(Table(words, DenseStore(np.eye(3, dtype=np.float32))), max_size=2)
    assert list(small.keys) == ["a", "<unk>"] and small.counts.tolist() == [9, 6]
    assert small.lookup(["b"], "unknown").tolist() == [[0, 0, 1]]


def test_context_and_state_shrink_too(table):
    sums = np.arange(50, dtype=np.float32)[:, None]
    positions = np.ones((50, 8), np.float32)
    full = replace(table, context=table.store, state={"sums": sums, "positions": positions})
    small = shrink(full, ["k2", "k4"])
    np.testing.assert_array_equal(small.context.gather(np.arange(2)), small.vectors)
    assert small.state["sums"].tolist() == [[2], [4]] and small.state["positions"].shape == (50, 8)
    tree = replace(table, context=DenseStore(np.ones((49, 8), np.float32)))
    assert shrink(tree, max_size=2).context is None


def test_with_subwords_own_rows_go_and_shared_rows_stay():
    vocabulary = Subwords(Words.from_keys(["old", "older"]), NGrams(2, 3, buckets=50))
    rows = np.random.default_rng(4).standard_normal((52, 8)).astype(np.float32)
    table = Table(vocabulary, DenseStore(rows))
    small = shrink(table, ["older"])
    assert small.shape == (51, 8)
    np.testing.assert_array_equal(small["older"], table["older"])
    np.testing.assert_array_equal(small["unknown"], table["unknown"])


def test_growing_and_shrinking_back_gives_the_same_table(table):
    back = shrink(grow(table, ["new", "newer"]).table, list(table.keys))
    assert back.vectors.tobytes() == table.vectors.tobytes() and back.counts.tolist() == table.counts.tolist()


def test_what_cannot_be_is_refused(table):
    with pytest.raises(RecipeError, match="got none of them"):
        shrink(table)
    with pytest.raises(UnknownKeyError, match="'zzz' is not \\(1 of 2"):
        shrink(table, ["k1", "zzz"])
    with pytest.raises(RecipeError, match="none passes"):
        shrink(table, min_count=10**9)
    with pytest.raises(RecipeError, match="max_size"):
        shrink(table, max_size=0)
