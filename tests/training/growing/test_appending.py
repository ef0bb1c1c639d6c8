"""Tables with more rows: what was there stays bit for bit, whatever goes with the rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rowspace.arrays import PackedKeys
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.training.growing.appending import append, longer_words
from rowspace.training.growing.new_rows import NewRows
from rowspace.vocabulary import Words
from rowspace.vocabulary.floret import Floret
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.subwords import Subwords

ADDED = PackedKeys.from_strings(["new", "newer"])


@pytest.fixture
def made() -> NewRows:
    return NewRows(np.full((2, 8), 5, np.float32), ["mean", "zero"])


def subword_table(splitter) -> Table:
    vocabulary = Subwords(Words.from_keys(["king", "queen"], counts=np.array([3, 2])), splitter)
    rows = np.random.default_rng(4).standard_normal((vocabulary.num_rows, 8)).astype(np.float32)
    return Table(vocabulary, DenseStore(rows))


def test_words_keep_their_rows_and_policy():
    words = Words.from_keys(["a", "<unk>"], counts=np.array([2, 1]), unknown_key="<unk>", missing="unknown")
    longer = longer_words(words, ADDED, np.array([1, 0, 4, 5]))
    assert list(longer.keys) == ["a", "<unk>", "new", "newer"]
    assert longer.counts.tolist() == [3, 1, 4, 5]
    assert longer.unknown_key == "<unk>" and longer.missing == "unknown"
    assert longer_words(words, ADDED, None).counts.tolist() == [2, 1, 0, 0]


def test_words_nobody_counted_stay_uncounted():
    assert longer_words(Words.from_keys(["a"]), ADDED, np.array([1, 2, 3])).counts is None


def test_context_and_state_grow_with_the_rows(table, made):
    rng = np.random.default_rng(8)
    rates = rng.random((50, 3)).astype(np.float32)
    biases = rng.standard_normal((50, 1)).astype(np.float32)
    positions = np.ones((50, 8), np.float32)
    context = DenseStore(rng.standard_normal((50, 8)).astype(np.float32))
    old = replace(table, context=context, state={"rates": rates, "biases": biases, "positions": positions})
    new = append(old, ADDED, made, None)
    np.testing.assert_array_equal(new.vectors[:50], table.vectors)
    np.testing.assert_array_equal(new.vectors[50:], made.rows)
    contexts = new.context.gather(np.arange(52))
    np.testing.assert_array_equal(contexts[:50], context.vectors)
    np.testing.assert_allclose(contexts[50], context.vectors.mean(axis=0), rtol=1e-5)
    assert not contexts[51].any()
    np.testing.assert_array_equal(new.state["rates"][:50], rates)
    np.testing.assert_array_equal(new.state["rates"][50:], np.repeat(rates.max(axis=0)[None], 2, axis=0))
    np.testing.assert_array_equal(new.state["biases"][:50], biases)
    np.testing.assert_allclose(new.state["biases"][50:], biases.mean(), rtol=1e-5)
    np.testing.assert_array_equal(new.state["positions"], positions)  # for each place, not for each row
    assert new.counts.tolist() == [*table.counts.tolist(), 0, 0]


def test_the_context_rows_of_a_tree_are_dropped(table, made):
    nodes = replace(table, context=DenseStore(np.ones((49, 8), np.float32)))
    assert append(nodes, ADDED, made, None).context is None


@pytest.mark.parametrize(
    "splitter",
    [
        NGrams(2, 3, buckets=40),
        NGrams(2, 3, buckets=400).compacted(PackedKeys.from_strings(["king", "queen"])),
        Floret(2, 3, buckets=40, hashes=2),
    ],
    ids=["every bucket", "buckets in use", "floret"],
)
def test_the_vectors_of_old_and_unknown_keys_stay(splitter, made):
    old = subword_table(splitter)
    if isinstance(splitter, NGrams) and splitter.shared_row is not None:
        old.store.vectors[old.vocabulary.num_own_rows + splitter.shared_row] = 0
    new = append(old, ADDED, made, np.array([1, 1, 1, 1]))
    keys = ["queen", "king", "kingly", "other"]
    np.testing.assert_array_equal(new.lookup(keys), old.lookup(keys))
    assert new.counts.tolist() == [4, 3, 1, 1]
    assert new.vocabulary.num_rows == new.store.shape[0]


def test_parts_of_new_keys_get_rows_of_their_own_where_rows_are_kept_for_parts_in_use(made):
    keys = PackedKeys.from_strings(["king", "queen"])
    old = subword_table(NGrams(2, 3, buckets=4_000).compacted(keys))
    new = append(old, ADDED, made, None)
    shared = new.vocabulary.num_own_rows + new.vocabulary.splitter.shared_row
    bags = new.vocabulary.bags()
    assert shared not in bags.ids
    assert set(range(new.vocabulary.num_rows)) - set(bags.ids.tolist()) == {shared}
    assert new.vocabulary.num_rows > old.vocabulary.num_rows + 2
