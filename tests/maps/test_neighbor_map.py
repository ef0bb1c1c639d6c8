"""Maps of neighbors: the right keys, labels that can be read, and the faults that tables have."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import EvaluationError, RecipeError, UnknownKeyError
from rowspace.maps.neighbor_map import draw_groups, neighbor_map
from rowspace.maps.saving import save
from rowspace.search import nearest
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.vocabulary import Words
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.subwords import Subwords

pytest.importorskip("matplotlib")


def labels(figure) -> set[str]:
    return {text.get_text() for text in figure.axes[0].texts}


def test_the_map_shows_what_nearest_answers(table):
    found = nearest(table, ["k0", "k1"], k=5)
    assert labels(neighbor_map(table, ["k0", "k1"], k=5)) == {"k0", "k1", *found[0].keys, *found[1].keys}
    few = nearest(table, "k0", k=5, metric="euclidean", limit=20)
    assert labels(neighbor_map(table, "k0", 5, metric="euclidean", limit=20)) == {"k0", *few.keys}


def test_labels_cover_each_other_nowhere(table, overlaps, render):
    figure = neighbor_map(table, ["k0", "k1", "k2", "k3"], k=12)
    assert overlaps(figure, [*figure.axes[0].texts, *figure.texts]) == []
    render(figure, "svg", "pdf")


def test_the_head_tells_the_share_of_the_variance(table):
    flat = Table.from_arrays(["a", "b", "c"], np.array([[1, 0, 0], [0, 1, 0], [1, 1, 0]], np.float32))
    assert "100% of their variance" in neighbor_map(flat, "a", 2).texts[1].get_text()
    assert "length one" in neighbor_map(flat, "a", 2).texts[1].get_text()
    assert "length one" not in neighbor_map(flat, "a", 2, metric="dot").texts[1].get_text()


def test_both_directions_have_one_scale(table):
    axes = neighbor_map(table, ["k0", "k1"], 9).axes[0]
    (x, y), (right, up) = axes.transData.transform([(0, 0), (1, 1)])
    assert right - x == pytest.approx(up - y)


def test_a_key_in_two_groups_is_drawn_once(table):
    figure = draw_groups(table, {"k0": ["k2", "k1"], "k1": ["k2", "k0"]}, title="Two")
    assert sorted(text.get_text() for text in figure.axes[0].texts) == ["k0", "k1", "k2"]
    drawn = sum(len(points.get_offsets()) for points in figure.axes[0].collections)
    assert drawn == 3


def test_keys_asked_twice_count_once(table):
    assert labels(neighbor_map(table, ["k0", "k0"], 3)) == labels(neighbor_map(table, "k0", 3))


@pytest.mark.parametrize("dim", [1, 2])
@pytest.mark.parametrize("rows", [1, 2])
def test_tables_of_one_key_or_dim(render, rows, dim):
    keys = [f"k{row}" for row in range(rows)]
    figure = neighbor_map(Table.from_arrays(keys, np.ones((rows, dim), np.float32)), "k0")
    assert labels(figure) == set(keys)
    render(figure)


def test_zero_vectors_and_equal_vectors(render, overlaps):
    keys = [f"key {row}" for row in range(15)]
    figure = neighbor_map(Table.from_arrays(keys, np.zeros((15, 4), np.float32)), "key 0", 14)
    assert overlaps(figure, figure.axes[0].texts) == []
    render(figure)


def test_a_neighbor_that_is_not_finite_is_none(table):
    vectors = table.vectors.copy()
    near = nearest(table, "k0", k=1).keys[0]
    vectors[int(near[1:])] = np.nan
    assert near not in labels(neighbor_map(Table.from_arrays(list(table.keys), vectors), "k0", 49))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_key_that_is_not_finite_is_named(table, value):
    vectors = table.vectors.copy()
    vectors[3, 1] = value
    with pytest.raises(EvaluationError, match="'k3'"):
        neighbor_map(Table.from_arrays(list(table.keys), vectors), ["k0", "k3"])


def test_wrong_questions(table):
    with pytest.raises(EvaluationError, match="at least one key"):
        neighbor_map(table, [])
    with pytest.raises(UnknownKeyError, match="'k99'"):
        neighbor_map(table, ["k0", "k99"])
    with pytest.raises(RecipeError, match="k must be"):
        neighbor_map(table, "k0", 0)
    with pytest.raises(UnknownKeyError):
        neighbor_map(Table.from_arrays([], np.empty((0, 3), np.float32)), "a")


def test_a_word_made_of_parts(render):
    vocabulary = Subwords(Words.from_keys(["king", "queen"]), NGrams(3, 4, 20))
    rows = np.random.default_rng(1).standard_normal((22, 3)).astype(np.float32)
    figure = neighbor_map(Table(vocabulary, DenseStore(rows)), "kings", 2)
    assert labels(figure) == {"kings", "king", "queen"}


def test_odd_keys_are_drawn_too(tmp_path, render):
    words = ["$x$", "東京", "a" * 500, "caf\udce9", "_hidden", "new\nline"]
    figure = neighbor_map(Table.from_arrays(words, np.eye(6, dtype=np.float32)), words)
    render(figure)
    assert save(figure, tmp_path / "odd.png").stat().st_size > 1000
