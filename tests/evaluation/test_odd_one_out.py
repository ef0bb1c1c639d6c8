"""Odd one out against brute force, gensim, ties and missing words."""

from __future__ import annotations

import json

import numpy as np
import pytest

from rowspace.errors import RecipeError
from rowspace.evaluation import odd_one_out
from rowspace.evaluation.odd_one_out import last_is_odd
from rowspace.table import Table


def random_questions(count=80):
    rng = np.random.default_rng(2)
    return [[f"k{row}" for row in rng.permutation(50)[: 3 + number % 5]] for number in range(count)]


def test_answers_are_those_of_brute_force(table):
    units = table.vectors / np.linalg.norm(table.vectors, axis=1, keepdims=True)
    expected = 0
    for question in random_questions():
        rows = [int(key[1:]) for key in question]
        means = [np.mean([units[a] @ units[b] for b in rows if b != a]) for a in rows]
        expected += int(np.argmin(means) == len(rows) - 1)
    report = odd_one_out(table, random_questions())
    assert (report.total.asked, report.total.covered, report.total.correct) == (80, 80, expected)
    low, high = report.total.interval
    assert 0 < low < expected / 80 < high < 1


def test_missing_words_cover_no_question(table):
    questions = [["k1", "k2", "zzz"], *random_questions(20)]
    known = odd_one_out(table, random_questions(20)).total
    total = odd_one_out(table, questions).total
    assert (total.asked, total.covered, total.correct) == (21, 20, known.correct)
    assert total.accuracy == known.accuracy > total.accuracy_of_asked


def test_case_and_limit(table):
    assert odd_one_out(table, [["K1", "K2", "K3"]]).total.covered == 1
    assert odd_one_out(table, [["K1", "K2", "K3"]], fold_case=False).total.covered == 0
    assert odd_one_out(table, [["k1", "k2", "k9"], ["k1", "k2", "k3"]], limit=5).total.covered == 1


def test_a_tie_is_wrong():
    corners = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]], np.float64)
    assert not last_is_odd(corners)
    assert not last_is_odd(np.tile([0.6, 0.8], (4, 1)))
    assert not last_is_odd(np.zeros((3, 2)))
    assert not last_is_odd(np.zeros((3, 0)))
    rng = np.random.default_rng(0)
    for size in range(3, 30):
        assert not last_is_odd(np.tile(rng.dirichlet(np.ones(7)) ** 0.5, (size, 1)))


def test_vectors_that_are_not_finite_are_not_covered():
    vectors = np.array([[1, 0], [1, 0.1], [0, 1], [np.nan, 1]], np.float32)
    total = odd_one_out(Table.from_arrays("abcd", vectors), [list("abc"), list("abd")]).total
    assert (total.covered, total.correct, total.interval) == (1, 1, None)


@pytest.mark.parametrize("shape", [(0, 3), (0, 0)])
def test_an_empty_table(shape):
    report = odd_one_out(Table.from_arrays([], np.zeros(shape, np.float32)), [["a", "b", "c"]])
    assert (report.total.accuracy, report.total.accuracy_of_asked) == (None, 0.0)
    assert "no question has all its words" in str(report)


def test_reports_print_and_become_json(table, tmp_path):
    path = tmp_path / "ODD.txt"
    path.write_text("\n".join(" ".join(question) for question in random_questions()))
    report = odd_one_out(table, path)
    assert report.total == odd_one_out(table, random_questions()).total
    assert str(report).startswith("ODD: 80 of 80 questions covered")
    assert json.loads(json.dumps(report.to_dict(), allow_nan=False))["total"]["asked"] == 80


def test_wrong_arguments(table):
    with pytest.raises(RecipeError, match="bootstrap"):
        odd_one_out(table, random_questions(1), bootstrap=-1)
