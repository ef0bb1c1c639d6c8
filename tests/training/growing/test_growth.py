"""Growing: which keys are added, from where their rows come, and that nothing old moves."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import CorpusError, RecipeError, ShapeError
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.training import Word2Vec
from rowspace.training.growing import surroundings
from rowspace.training.growing.growth import grow
from rowspace.vocabulary import Words
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.subwords import Subwords


def test_a_thousand_new_words_leave_old_rows_bit_equal(table):
    before = table.vectors.tobytes()
    grown = grow(table, [f"new{number}" for number in range(1_000)])
    assert grown.table.shape == (1_050, 8)
    assert grown.table.vectors[:50].tobytes() == before == table.vectors.tobytes()
    assert list(grown.table.keys[:50]) == list(table.keys) and grown.table.keys[50] == "new0"
    assert grown.table.counts.tolist() == table.counts.tolist() + [0] * 1_000


def test_the_report_names_every_key(table):
    grown = grow(table, ["new", "k3", "new", "newer"], rows="zero")
    assert list(grown.report.added) == ["new", "newer"] and list(grown.report.known) == ["k3"]
    assert grown.report.origins == ["zero", "zero"] and len(grown.report.rare) == 0
    assert grown.report.describe() == "2 keys added (2 zero), 1 known already, 0 too rare"


def test_the_keys_of_a_text_come_by_falling_count_and_rare_ones_are_told(table):
    text = ["k1 often once k1", "often twice often twice"]
    grown = grow(table, corpus=text, min_count=2)
    assert list(grown.report.added) == ["often", "twice"]
    assert list(grown.report.known) == ["k1"] and list(grown.report.rare) == ["once"]
    assert grown.table.counts[1] == table.counts[1] + 2 and grown.table.counts[50:].tolist() == [3, 2]


def test_max_size_bounds_old_and_new_together(table):
    text = ["b b b c c d"]
    grown = grow(table, corpus=text, max_size=51)
    assert list(grown.report.added) == ["b"] and list(grown.report.rare) == ["c", "d"]
    assert len(grow(table, corpus=text, max_size=3).table) == 50


def test_given_keys_with_a_text_are_all_added_and_placed_by_it(table):
    grown = grow(table, ["new", "unseen"], corpus=["k1 new other"], rows="neighbors")
    assert list(grown.report.added) == ["new", "unseen"]
    assert grown.report.origins == ["neighbors", "mean"]
    np.testing.assert_allclose(grown.table["new"], table["k1"], rtol=1e-5)
    assert grown.table.counts[50:].tolist() == [1, 0]


def test_neighbors_place_a_key_where_its_topic_is(topics, monkeypatch):
    monkeypatch.setattr(surroundings, "PUPILS_A_DIM", 1)  # ten keys teach a map of ten columns
    recipe = Word2Vec(dim=10, window=3, epochs=3, min_count=1, subsample=0)
    known = [[key for key in document if key not in ("cat", "gold")] for document in topics]
    grown = grow(recipe.fit(known, threads=1), corpus=topics)
    assert set(grown.report.added) == {"cat", "gold"} and set(grown.report.origins) == {"neighbors"}
    rows = grown.table.lookup(["cat", "gold", "dog", "iron"])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = rows @ rows.T
    assert cosines[0, 2] > cosines[0, 3] + 0.5 and cosines[1, 3] > cosines[1, 2] + 0.5


def test_a_table_with_subwords_computes_the_rows():
    vocabulary = Subwords(Words.from_keys(["old"], counts=np.array([2])), NGrams(2, 3, buckets=50))
    rows = np.random.default_rng(4).standard_normal((51, 8)).astype(np.float32)
    table = Table(vocabulary, DenseStore(rows))
    grown = grow(table, corpus=["old older oldest"])
    assert grown.report.origins == ["subwords", "subwords"]
    np.testing.assert_allclose(grown.table["older"], table["older"], rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(grown.table["old"], table["old"])


def test_the_seed_decides_what_is_drawn(table):
    drawn = [grow(table, ["new"], seed=seed).table["new"] for seed in (1, 1, 2)]
    assert (drawn[0] == drawn[1]).all() and (drawn[0] != drawn[2]).any()


def test_nothing_new_is_no_error(table):
    for grown in (grow(table, []), grow(table, ["k1"]), grow(table, corpus=["k1 k2"])):
        assert len(grown.report.added) == 0 and len(grown.table) == 50


def test_what_contradicts_itself_is_refused(table):
    with pytest.raises(RecipeError, match="got neither"):
        grow(table)
    with pytest.raises(ShapeError, match="single string 'new'"):
        grow(table, "new")
    with pytest.raises(RecipeError, match="min_count"):
        grow(table, corpus=["a"], min_count=0)
    with pytest.raises(RecipeError, match="max_size"):
        grow(table, corpus=["a"], max_size=0)
    with pytest.raises(CorpusError, match="must hold tokens"):
        grow(table, corpus=[""])


@pytest.mark.unchecked
def test_an_unknown_source_is_refused(table):
    with pytest.raises(RecipeError, match="rows must be one of subwords, neighbors, mean, zero"):
        grow(table, ["new"], rows="magic")
