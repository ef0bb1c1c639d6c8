"""Categorization: figures, both policies, and every degenerate set."""

from __future__ import annotations

import json

import numpy as np
import pytest

from rowspace.errors import EvaluationError, RecipeError
from rowspace.evaluation import categories
from rowspace.table import Table

KINDS = {"cat": "animal", "cow": "animal", "dog": "animal", "fig": "fruit", "plum": "fruit", "zzz": "fruit"}


@pytest.fixture
def kinds_table():
    """Animals lie together, but so does the plum; the fig is by itself."""
    vectors = np.array([[1, 0], [1, 0.1], [1, 0.2], [0, 1], [1, 0.15]], np.float32)
    return Table.from_arrays(["cat", "cow", "dog", "fig", "plum"], vectors)


def test_figures(kinds_table):
    report = categories(kinds_table, KINDS)
    assert (report.words, report.covered, report.categories) == (6, 5, 2)
    assert (report.purity, report.purity_of_asked) == (0.8, pytest.approx(4 / 6))
    assert 0 < report.mutual_information < 1
    low, high = report.interval
    assert low < 0.8 < high
    assert report.note == ""


def test_the_best_objective_counts_and_not_the_best_purity():
    """Two wide groups by direction; the categories cut across them, and no restart may chase them."""
    angles = np.array([0, 0.1, 0.2, 1.5, 1.6, 1.7])
    table = Table.from_arrays("abcdef", np.stack([np.cos(angles), np.sin(angles)], 1).astype(np.float32))
    crossed = dict(zip("abcdef", "xxyyyx", strict=True))
    assert categories(table, crossed, restarts=50).purity == pytest.approx(4 / 6)


def test_case_limit_and_subsets(kinds_table):
    capitals = {word.upper(): kind for word, kind in KINDS.items()}
    assert categories(kinds_table, capitals).covered == 5
    assert categories(kinds_table, capitals, fold_case=False).covered == 0
    report = categories(kinds_table, KINDS, limit=3)
    assert (report.covered, report.categories, report.purity, report.purity_of_asked) == (3, 1, 1.0, 0.5)
    assert (report.interval, report.mutual_information) == (None, None)
    assert "one category" in report.note


@pytest.mark.parametrize("shape", [(0, 3), (0, 0)])
def test_an_empty_table(shape):
    report = categories(Table.from_arrays([], np.zeros(shape, np.float32)), KINDS)
    assert (report.covered, report.categories, report.purity, report.interval) == (0, 0, None, None)
    assert (report.purity_of_asked, report.mutual_information) == (0.0, None)
    assert "no word is covered" in str(report)


@pytest.mark.parametrize("shape", [(5, 0), (5, 2)])
def test_vectors_without_a_direction(shape, kinds_table):
    report = categories(Table.from_arrays(kinds_table.keys, np.zeros(shape, np.float32)), KINDS)
    assert (report.covered, report.purity) == (5, 0.6)


def test_vectors_that_are_not_finite_are_not_covered(kinds_table):
    vectors = kinds_table.vectors.copy()
    vectors[4] = np.nan
    report = categories(Table.from_arrays(kinds_table.keys, vectors), KINDS)
    assert (report.covered, report.purity) == (4, 1.0)


def test_one_word_and_categories_of_one(kinds_table):
    report = categories(kinds_table, {"cat": "animal"})
    assert (report.purity, report.categories, report.interval) == (1.0, 1, None)
    report = categories(kinds_table, {"cat": "animal", "fig": "fruit"})
    assert (report.purity, report.mutual_information) == (1.0, 1.0)
    assert "of its own" in report.note


def test_reports_print_and_become_json(kinds_table, tmp_path):
    path = tmp_path / "KINDS-6.tsv"
    path.write_text("".join(f"{word}\t{kind}\n" for word, kind in KINDS.items()))
    report = categories(kinds_table, path)
    assert str(report).startswith("KINDS-6: 5 of 6 words covered, 2 categories")
    assert "80.0 %  95 % [" in str(report)
    assert json.loads(json.dumps(report.to_dict(), allow_nan=False))["interval"] == list(report.interval)
    assert categories(kinds_table, str(path)) == report


def test_wrong_arguments(kinds_table):
    with pytest.raises(RecipeError, match="restarts"):
        categories(kinds_table, KINDS, restarts=0)
    with pytest.raises(RecipeError, match="bootstrap"):
        categories(kinds_table, KINDS, bootstrap=-1)
    with pytest.raises(EvaluationError, match="at least one word"):
        categories(kinds_table, {})
