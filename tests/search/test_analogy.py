"""Analogies against their definitions and against gensim."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import RecipeError, ShapeError, UnknownKeyError
from rowspace.search import analogy
from rowspace.table import Table


def by_definition(table, a, b, c, method):
    """Every key but the three, best first."""
    rows = table.vectors.astype(np.float64)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    x, y, z = (rows[int(key[1:])] for key in (a, b, c))
    if method == "add":
        scores = rows @ (y - x + z) / np.linalg.norm(y - x + z)
    else:
        scores = (1 + rows @ y) / 2 * (1 + rows @ z) / 2 / ((1 + rows @ x) / 2 + 1e-6)
    order = [row for row in np.argsort(-scores) if f"k{row}" not in (a, b, c)]
    return [f"k{row}" for row in order], scores[order]


@pytest.mark.parametrize("method", ["add", "mul"])
@pytest.mark.parametrize("k", [1, 10, 100])
def test_follows_the_definition(table, method, k):
    found = analogy(table, "k4", "k8", "k15", k, method=method)
    keys, scores = by_definition(table, "k4", "k8", "k15", method)
    assert found.keys == keys[:k]
    np.testing.assert_allclose(found.scores, scores[:k], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("method", ["add", "mul"])
def test_limit_leaves_the_first_rows(table, method):
    keys, _ = by_definition(table, "k4", "k8", "k15", method)
    assert analogy(table, "k4", "k8", "k15", 99, method=method, limit=9).keys == [
        key for key in keys if int(key[1:]) < 9
    ]


@pytest.mark.parametrize("method", ["add", "mul"])
def test_zero_rows_nan_rows_and_ties(method):
    vectors = np.array([[1, 0], [0, 1], [1, 1], [np.nan, 1], [0, 0], [1, 3], [1, 3], [np.inf, 0]], np.float32)
    table = Table.from_arrays("abcdefgh", vectors)
    found = analogy(table, "a", "b", "c", method=method)
    assert found.keys == ["f", "g", "e"]
    assert found.scores[0] == found.scores[1]
    assert np.isfinite(found.scores).all()
    with pytest.raises(ShapeError, match="finite"):
        analogy(table, "a", "d", "c", method=method)


def test_unknown_keys_and_methods(table):
    with pytest.raises(UnknownKeyError, match="'zzz'"):
        analogy(table, "k1", "zzz", "k2")
    with pytest.raises(RecipeError, match="k must be"):
        analogy(table, "k1", "k3", "k2", 0)


@pytest.mark.unchecked
def test_an_unknown_method(table):
    with pytest.raises(RecipeError, match="method must be one of add, mul"):
        analogy(table, "k1", "k2", "k3", method="minus")


@pytest.mark.upstream
@pytest.mark.filterwarnings("ignore:Call to deprecated")
@pytest.mark.parametrize("method", ["add", "mul"])
def test_answers_as_gensim_does(table, method):
    models = pytest.importorskip("gensim.models")
    peer = models.KeyedVectors(table.dim)
    peer.add_vectors(list(table.keys), table.vectors)
    ask = peer.most_similar if method == "add" else peer.most_similar_cosmul
    for a in range(0, 50, 7):
        b, c = (a + 3) % 50, (a + 11) % 50
        theirs = ask(positive=[f"k{b}", f"k{c}"], negative=[f"k{a}"], topn=10)
        ours = analogy(table, f"k{a}", f"k{b}", f"k{c}", method=method)
        assert ours.keys == [key for key, _ in theirs]
        np.testing.assert_allclose(ours.scores, [score for _, score in theirs], rtol=1e-5, atol=1e-6)
