"""The scatter shows what the report says."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import EvaluationError
from rowspace.evaluation.similarity import similarity
from rowspace.maps.similarity_scatter import NAMED, similarity_scatter
from rowspace.table import Table

pytest.importorskip("matplotlib")


def pairs_of(number: int) -> list[tuple[str, str, float]]:
    scores = np.random.default_rng(8).random(number) * 10
    return [(f"k{row}", f"k{row + 1}", float(score)) for row, score in enumerate(scores)]


def points(figure, place: int = 0) -> np.ndarray:
    return figure.axes[0].collections[place].get_offsets().data


def test_every_pair_is_a_point_or_a_cross(table, render):
    pairs = [*pairs_of(40), ("k0", "zebra", 3.0), ("gnu", "k1", 7.0)]
    figure = similarity_scatter(table, pairs)
    units = table.vectors / np.linalg.norm(table.vectors, axis=1, keepdims=True)
    expected = [[score, float(units[row] @ units[row + 1])] for row, (_, _, score) in enumerate(pairs[:40])]
    np.testing.assert_allclose(points(figure), expected, atol=1e-6)
    crosses = points(figure, 1)
    assert crosses[:, 0].tolist() == [3, 7]
    assert crosses[:, 1].max() < points(figure)[:, 1].min()
    render(figure, "svg", "pdf")


def test_the_title_quotes_the_report(table):
    pairs = [*pairs_of(40), ("k0", "zebra", 3.0)]
    report = similarity(table, pairs, seed=3)
    title, note = (text.get_text() for text in similarity_scatter(table, pairs, seed=3).texts[:2])
    low, high = report.interval
    assert title == f"pairs: Spearman {report.spearman:.3f} (95 %: {low:.3f} to {high:.3f})"
    assert note.startswith("40 of 41 pairs covered")


def test_names_are_those_of_the_greatest_disagreement(table, overlaps):
    units = table.vectors / np.linalg.norm(table.vectors, axis=1, keepdims=True)
    cosines = [float(units[row] @ units[row + 1]) for row in range(40)]
    scores = [10 * cosine for cosine in cosines]
    lowest, highest = int(np.argmin(cosines)), int(np.argmax(cosines))
    scores[lowest], scores[highest] = scores[highest], scores[lowest]
    pairs = [(f"k{row}", f"k{row + 1}", score) for row, score in enumerate(scores)]
    figure = similarity_scatter(table, pairs)
    names = [text.get_text() for text in figure.axes[0].texts]
    assert set(names) == {f"k{row} \N{EN DASH} k{row + 1}" for row in (lowest, highest)}
    many = similarity_scatter(table, pairs_of(49))
    assert len(many.axes[0].texts) == NAMED
    assert overlaps(many, many.axes[0].texts) == []


def test_names_stay_in_the_axes(table):
    figure = similarity_scatter(table, pairs_of(49))
    figure.draw_without_rendering()
    frame = figure.axes[0].get_window_extent()
    for text in figure.axes[0].texts:
        box = text.get_window_extent()
        assert frame.x0 <= box.x0 <= box.x1 <= frame.x1
        assert frame.y0 <= box.y0 <= box.y1 <= frame.y1


def test_the_options_of_the_score_decide_the_picture(table):
    upper = [(first.upper(), second.upper(), score) for first, second, score in pairs_of(40)]
    assert len(points(similarity_scatter(table, upper, fold_case=True))) == 40
    assert len(points(similarity_scatter(table, upper, fold_case=False))) == 0
    assert len(points(similarity_scatter(table, pairs_of(40), limit=11))) == 10


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([("x", "y", 1.0)], "needs two covered pairs"),
        ([("k0", "k1", 1.0)], "needs two covered pairs"),
        ([("k0", "k1", 2.0), ("k2", "k3", 2.0)], "human scores"),
        ([("k0", "k1", 1.0), ("k1", "k0", 2.0)], "cosines"),
    ],
    ids=["none covered", "one pair", "constant scores", "constant cosines"],
)
def test_without_a_correlation_the_picture_says_why(table, render, pairs, words):
    figure = similarity_scatter(table, pairs)
    assert figure.texts[0].get_text() == "pairs: no Spearman correlation"
    assert any(words in text.get_text() for text in figure.texts)
    render(figure)


def test_empty_tables_and_test_sets(table, render):
    render(similarity_scatter(Table.from_arrays([], np.empty((0, 3), np.float32)), pairs_of(3)))
    with pytest.raises(EvaluationError, match="at least one pair"):
        similarity_scatter(table, [])


def test_rows_that_are_not_finite_count_as_missing(table):
    vectors = table.vectors.copy()
    vectors[0] = np.nan
    damaged = Table.from_arrays(list(table.keys), vectors)
    figure = similarity_scatter(damaged, pairs_of(10))
    assert (len(points(figure)), len(points(figure, 1))) == (9, 1)


@pytest.mark.data
def test_a_real_test_set(data_dir, table, render):
    figure = similarity_scatter(table, data_dir / "similarity" / "EN-WS-353-ALL.txt")
    assert figure.texts[0].get_text().startswith("EN-WS-353-ALL: ")
    render(figure)
