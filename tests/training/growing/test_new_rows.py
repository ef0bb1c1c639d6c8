"""Where the rows of new keys come from."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.arrays import PackedKeys
from rowspace.errors import RecipeError, ShapeError
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.training.growing.new_rows import SPREAD, make_rows, spread_rows
from rowspace.vocabulary import Words
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.subwords import Subwords

NEW = PackedKeys.from_strings(["new", "newer"])


def make(table: Table, source: object):
    return make_rows(table, NEW, source, reading=None, window=5, rng=np.random.default_rng(1))


@pytest.fixture
def subword_table() -> Table:
    vocabulary = Subwords(Words.from_keys(["old"]), NGrams(2, 3, buckets=50))
    rows = np.random.default_rng(4).standard_normal((vocabulary.num_rows, 8)).astype(np.float32)
    return Table(vocabulary, DenseStore(rows))


def test_spread_rows_have_the_mean_and_a_share_of_the_covariance():
    rng = np.random.default_rng(3)
    rows = (rng.standard_normal((3_000, 4)) @ rng.standard_normal((4, 4)) + 2).astype(np.float32)
    drawn = spread_rows(rows, 20_000, 0.5, rng)
    np.testing.assert_allclose(drawn.mean(axis=0), rows.mean(axis=0), atol=0.05)
    np.testing.assert_allclose(np.cov(drawn.T), 0.25 * np.cov(rows.T), atol=0.1)


def test_few_or_no_rows_have_a_spread_too():
    rng = np.random.default_rng(3)
    one = spread_rows(np.ones((1, 3), np.float32), 2, 1.0, rng)
    np.testing.assert_allclose(one, 1, atol=1e-6)
    assert np.isfinite(spread_rows(np.eye(3, dtype=np.float32)[:2], 5, 1.0, rng)).all()
    assert not spread_rows(np.empty((0, 3), np.float32), 2, 1.0, rng).any()


def test_the_mean_has_no_two_equal_rows(table):
    made = make(table, "mean")
    assert made.origins == ["mean", "mean"]
    assert (made.rows[0] != made.rows[1]).any()
    deviation = np.abs(made.rows - table.vectors.mean(axis=0)).max()
    assert 0 < deviation < 5 * SPREAD * table.vectors.std()


def test_zero(table):
    made = make(table, "zero")
    assert made.origins == ["zero", "zero"] and not made.rows.any()


def test_another_table_gives_what_it_knows_and_the_rest_is_drawn(table):
    other = Table.from_arrays(["newer"], np.full((1, 8), 3, np.float32))
    made = make(table, other)
    assert made.origins == ["mean", "table"]
    assert (made.rows[1] == 3).all() and made.rows[0].any()


def test_subwords_give_the_mean_of_their_rows(subword_table):
    made = make(subword_table, "subwords")
    assert made.origins == ["subwords", "subwords"]
    np.testing.assert_allclose(made.rows, subword_table.lookup(["new", "newer"]), rtol=1e-6)


def test_a_source_that_cannot_serve_is_refused(table):
    with pytest.raises(RecipeError, match="plain words; give a table with subwords as rows="):
        make(table, "subwords")
    with pytest.raises(RecipeError, match="corpus is None"):
        make(table, "neighbors")
    with pytest.raises(ShapeError, match="same dim 8, but that of rows= has 2"):
        make(table, Table.from_arrays(["new"], np.ones((1, 2), np.float32)))
