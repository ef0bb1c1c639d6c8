"""Merging: a turned copy comes back to where it was, and shared keys get what was asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rowspace.errors import RecipeError, ShapeError
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.training.growing import merging
from rowspace.training.growing.merging import merge, procrustes
from rowspace.vocabulary import Words
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.subwords import Subwords


@pytest.fixture
def turned(table) -> Table:
    """The last forty keys of `table` and one more, turned; so with context rows."""
    rng = np.random.default_rng(9)
    rotation = np.linalg.qr(rng.standard_normal((8, 8)))[0].astype(np.float32)
    rows = np.concatenate([table.vectors[10:], np.ones((1, 8), np.float32)])
    keys = [*table.keys[10:], "extra"]
    store = DenseStore(rows @ rotation)
    return Table(Words.from_keys(keys, counts=np.full(41, 7)), store, {}, DenseStore(2 * rows @ rotation))


@pytest.mark.parametrize("rows_a_step", [7, 65_536])
def test_a_turned_table_comes_back(table, turned, monkeypatch, rows_a_step):
    monkeypatch.setattr(merging, "ROWS_A_STEP", rows_a_step)
    merged = merge(table, turned, conflict="second")
    assert list(merged.table.keys) == [*table.keys, "extra"]
    np.testing.assert_allclose(merged.table.vectors[:50], table.vectors, atol=1e-5)
    np.testing.assert_allclose(merged.table["extra"], 1, atol=1e-5)
    assert merged.report.shared == 40 and merged.report.added == 1
    assert merged.report.cosine_after == pytest.approx(1) and merged.report.cosine_before < 0.9


def test_the_first_table_keeps_its_rows_bit_for_bit(table, turned):
    assert merge(table, turned).table.vectors[:50].tobytes() == table.vectors.tobytes()


def test_conflicts(table):
    other = Table.from_arrays(["k0", "k1"], np.stack([3 * table["k0"], -table["k1"]]))
    for conflict, factors in (("first", (1, 1)), ("second", (3, -1)), ("mean", (2, 0))):
        merged = merge(table, other, conflict=conflict, align=False).table
        np.testing.assert_allclose(merged["k0"], factors[0] * table["k0"], rtol=1e-6)
        np.testing.assert_allclose(merged["k1"], factors[1] * table["k1"], rtol=1e-6)


def test_counts_are_added(table, turned):
    counts = merge(table, turned).table.counts
    assert counts[:10].tolist() == table.counts[:10].tolist()
    assert counts[10:].tolist() == [*(table.counts[10:] + 7).tolist(), 7]
    assert merge(table, Table(turned.vocabulary, turned.store)).table.counts is not None
    uncounted = Table.from_arrays(turned.keys, turned.vectors)
    assert merge(table, uncounted).table.counts is None


def test_context_rows_turn_with_the_others(table, turned):
    assert merge(table, turned).table.context is None
    both = merge(replace(table, context=DenseStore(2 * table.vectors)), turned, conflict="second").table
    np.testing.assert_allclose(both.context.gather(np.arange(51)), 2 * both.vectors, atol=1e-5)


def test_the_record_names_both(table, turned):
    first = replace(table, metadata={"recipe": {"name": "Word2Vec"}, "losses": [1.0]})
    metadata = merge(first, turned).table.metadata
    assert metadata["recipe"] == {"name": "Word2Vec"} and "losses" not in metadata
    assert metadata["merged"]["first"]["losses"] == [1.0] and metadata["merged"]["shared"] == 40


def test_the_rotation_is_orthogonal_even_for_zeros():
    rotation = procrustes(np.zeros((9, 3)), np.zeros((9, 3)))
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)


def test_what_cannot_be_merged_is_refused(table):
    with pytest.raises(ShapeError, match="8 and 2"):
        merge(table, Table.from_arrays(["k1"], np.ones((1, 2), np.float32)))
    with pytest.raises(RecipeError, match="at least dim = 8 keys that both tables know, but they share 1"):
        merge(table, Table.from_arrays(["k1"], np.ones((1, 8), np.float32)))
    vocabulary = Subwords(Words.from_keys(["old"]), NGrams(2, 3, buckets=50))
    with pytest.raises(RecipeError, match="the second has Subwords"):
        merge(table, Table(vocabulary, DenseStore(np.ones((51, 8), np.float32))))
    with pytest.raises(RecipeError, match="the first has Subwords"):
        merge(Table(vocabulary, DenseStore(np.ones((51, 8), np.float32))), table)
