"""Nearest keys of keys, vectors, lists and matrices."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import RecipeError, ShapeError, UnknownKeyError
from rowspace.search import Neighbors, nearest
from rowspace.table import Table


def ranked(table, key, metric="cosine"):
    """All other keys, best first, by float64 arithmetic."""
    rows, wanted = table.vectors.astype(np.float64), table[key].astype(np.float64)
    scores = {
        "cosine": rows @ wanted / np.linalg.norm(rows, axis=1),
        "dot": rows @ wanted,
        "euclidean": -((rows - wanted) ** 2).sum(1),
    }[metric]
    return [table.keys[row] for row in np.argsort(-scores).tolist() if table.keys[row] != key]


@pytest.mark.parametrize("metric", ["cosine", "dot", "euclidean"])
def test_a_key_has_k_neighbors_and_is_none_of_them(table, metric):
    found = nearest(table, "k3", k=7, metric=metric)
    assert found.keys == ranked(table, "k3", metric)[:7]
    assert [table.keys[row] for row in found.ids.tolist()] == found.keys
    assert len(found) == 7


def test_a_vector_keeps_its_own_key(table):
    assert nearest(table, table["k3"], k=1).keys == ["k3"]


def test_lists_and_matrices_give_one_answer_each(table):
    by_key = nearest(table, ["k1", "k2", "k1"], k=4)
    assert [answer.keys for answer in by_key] == [ranked(table, key)[:4] for key in ("k1", "k2", "k1")]
    by_vector = nearest(table, table.lookup(["k1", "k2"]), k=5)
    assert [answer.keys for answer in by_vector] == [[key, *ranked(table, key)[:4]] for key in ("k1", "k2")]
    assert nearest(table, [], k=3) == []


def test_excluded_keys_make_room_for_others(table):
    best = ranked(table, "k0")
    assert nearest(table, "k0", k=3, exclude=[best[0], best[2], "not a key", "k0"]).keys == [
        best[1],
        *best[3:5],
    ]


def test_limit_leaves_the_first_rows(table):
    assert nearest(table, "k49", k=99, limit=10).keys == [
        key for key in ranked(table, "k49") if int(key[1:]) < 10
    ]


def test_more_than_there_are(table):
    assert nearest(table, "k5", k=1000).keys == ranked(table, "k5")


def test_an_empty_table():
    empty = Table.from_arrays([], np.zeros((0, 3), np.float32))
    assert len(nearest(empty, np.ones(3, np.float32))) == 0
    with pytest.raises(UnknownKeyError):
        nearest(empty, "a")


def test_unknown_keys_get_similar_ones_proposed():
    table = Table.from_arrays(["queen", "king", "kings"], np.eye(3, dtype=np.float32))
    with pytest.raises(UnknownKeyError, match=r"'kinng' is not; did you mean 'king' or 'kings'\?"):
        nearest(table, "kinng")
    with pytest.raises(UnknownKeyError, match=r"'xyz' is not$"):
        nearest(table, ["king", "xyz"])


def test_k_below_one(table):
    with pytest.raises(RecipeError, match="k must be"):
        nearest(table, "k1", k=0)


def test_a_key_whose_vector_is_not_finite():
    table = Table.from_arrays(["a", "b", "c"], np.array([[1, 0], [np.nan, 0], [1, 1]], np.float32))
    assert nearest(table, "a").keys == ["c"]
    with pytest.raises(ShapeError, match="finite"):
        nearest(table, "b")


def test_neighbors_print_and_iterate():
    found = Neighbors(["new york", "é"], np.array([4, 2]), np.array([0.5, -0.25], np.float32))
    assert list(found) == [("new york", 0.5), ("é", -0.25)]
    assert found[1] == ("é", -0.25)
    assert repr(found) == "Neighbors([('new york', 0.5000), ('é', -0.2500)])"
    assert str(found) == "new york   0.5000\né         -0.2500"
    assert str(Neighbors([], np.zeros(0, np.int64), np.zeros(0, np.float32))) == ""
