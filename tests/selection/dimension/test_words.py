"""A dimension chosen for a corpus."""

from __future__ import annotations

import numpy as np
import pytest

import rowspace as rs
from rowspace.errors import CorpusError, RecipeError
from rowspace.selection.dimension import choose_dim

WORDS = [f"{topic}-{word}" for topic in range(4) for word in range(10)]


@pytest.fixture(scope="module")
def documents():
    rng = np.random.default_rng(0)
    draws = rng.integers(0, 10, (900, 12)) + 10 * rng.integers(0, 4, (900, 1))
    strays = rng.random(draws.shape) < 0.4  # words of all topics meet, those of one more often
    draws[strays] = rng.integers(0, 40, strays.sum())
    return [[WORDS[row] for row in document] for document in draws]


@pytest.fixture(scope="module")
def curve(documents):
    recipe = rs.Word2Vec(epochs=4, subsample=0)
    pairs = iter([("0-1", "0-2", 9.0), ("0-1", "3-2", 1.0), ("1-1", "1-2", 8.0), ("1-1", "2-2", 2.0)])
    return choose_dim(documents, dims=[2, 4, 8, 64], recipe=recipe, pairs=pairs, threads=1, most_seeds=2)


def test_all_measures_stand_side_by_side(curve):
    assert curve.dims == [2, 4, 8, 64]
    assert list(curve.measures) == [
        "agreement",
        "held-out loss",
        "training loss",
        "pairs",
        "first columns",
        "pairs, first columns",
        "principal columns",
        "pairs, principal columns",
        "PIP loss",
        "signal",
    ]
    assert all(len(values) == 4 for values in curve.measures.values())
    assert curve.measures["PIP loss"][3] is None  # there are 40 keys only
    assert curve.measures["held-out loss"][0] > 0


def test_the_recommendation_is_the_smallest_of_the_flat_region(curve):
    agreement = dict(zip(curve.dims, curve.measures["agreement"], strict=True))
    assert curve.recommended == curve.flat[0]
    assert agreement[curve.recommended] > 0.3
    assert str(curve.recommended) in curve.reason
    assert curve.rules == {"fourth root": 3, "min(600, 1.6 n^0.56)": 13}


def test_the_widest_table_holds_the_narrower_ones(curve):
    last = max(place for place, value in enumerate(curve.measures["agreement"]) if value is not None)
    for name in ("first columns", "principal columns"):
        assert curve.measures[name][last + 1 :] == [None] * (len(curve.dims) - last - 1)
        assert all(value is not None for value in curve.measures[name][: last + 1])


def test_the_same_seed_and_one_thread_give_the_same_curve(documents):
    def chosen(threads):
        return choose_dim(documents[:300], dims=[4], recipe=rs.Word2Vec(epochs=1), seeds=1, threads=threads)

    assert chosen(1).measures == chosen(1).measures


def test_recipes_without_a_loss_of_text(documents):
    curve = choose_dim(documents, dims=[2, 6], recipe=rs.PPMI(), seeds=1, threads=1)
    assert "held-out loss" not in curve.measures
    assert "training loss" not in curve.measures
    assert curve.recommended in (2, 6)


def test_max_dim_is_the_last_of_the_usual_dims(documents):
    curve = choose_dim(documents, max_dim=20, recipe=rs.PPMI(), seeds=1, threads=1)
    assert curve.dims == [8, 16, 20]


def test_settings_and_texts_that_cannot_be_used(documents):
    with pytest.raises(RecipeError, match="max_dim"):
        choose_dim(documents, max_dim=0)
    with pytest.raises(RecipeError, match="dims"):
        choose_dim(documents, dims=[])
    with pytest.raises(CorpusError):
        choose_dim([["a", "b"]])
