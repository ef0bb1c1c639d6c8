"""The keys that two tables share."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.arrays import Rows
from rowspace.errors import RecipeError
from rowspace.evaluation.shared_rows import ChosenRows, shared_rows
from rowspace.stores import DenseStore, Store
from rowspace.table import Table
from rowspace.vocabulary import NGrams, Subwords, Words

VECTORS = np.random.default_rng(0).standard_normal((6, 3)).astype(np.float32)


def test_rows_of_both_belong_to_the_same_keys():
    first, second = Table.from_arrays("abcdef", VECTORS), Table.from_arrays("xfbza", VECTORS[:5])
    shared = shared_rows(first, second, None)
    assert shared.first.rows.tolist() == [0, 1, 5]
    assert shared.second.rows.tolist() == [4, 2, 1]
    np.testing.assert_array_equal(shared.second.gather(np.array([0, 2])), VECTORS[[4, 1]])


def test_limit_holds_for_both():
    first, second = Table.from_arrays("abcdef", VECTORS), Table.from_arrays("fedcba", VECTORS)
    assert shared_rows(first, second, 4).first.rows.tolist() == [2, 3]
    assert len(shared_rows(first, second, 3)) == 0
    with pytest.raises(RecipeError, match="limit"):
        shared_rows(first, second, 0)


def test_rows_without_a_direction_are_left_out_and_counted():
    spoiled = VECTORS.copy()
    spoiled[1], spoiled[4, 0] = 0, np.inf
    shared = shared_rows(Table.from_arrays("abcdef", spoiled), Table.from_arrays("abcdef", VECTORS), None)
    assert (shared.first.rows.tolist(), shared.left_out) == ([0, 2, 3, 5], 2)


def test_tables_of_subwords_share_only_keys():
    vocabulary = Subwords(Words.from_keys(["cat", "dog"]), NGrams(3, 4, buckets=4))
    subwords = Table(vocabulary, DenseStore(VECTORS))
    other = Table.from_arrays(["dog", "cow", "cat"], VECTORS[:3])
    assert shared_rows(other, subwords, None).second.rows.tolist() == [1, 0]
    assert shared_rows(subwords, other, None).second.rows.tolist() == [2, 0]


def test_chosen_rows_are_a_store():
    chosen = ChosenRows(DenseStore(VECTORS), np.array([5, 2, 3]))
    assert isinstance(chosen, Store)
    assert chosen.shape == (3, 3)
    pooled = chosen.pool(Rows(np.array([0, 1]), np.array([0, 2])))
    np.testing.assert_allclose(pooled, VECTORS[[5, 2]].mean(axis=0, keepdims=True), rtol=1e-6)
