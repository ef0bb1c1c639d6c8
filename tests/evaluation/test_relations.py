"""Relation tests against 3CosAvg written out pair by pair."""

from __future__ import annotations

import json

import numpy as np
import pytest

from rowspace.errors import RecipeError
from rowspace.evaluation import relations
from rowspace.table import Table


@pytest.fixture
def grid():
    """Twenty stems with a noisy plural and a noisier past; the stems themselves are frequent."""
    rng = np.random.default_rng(0)
    stems, offsets = rng.standard_normal((20, 10)), 1.5 * rng.standard_normal((2, 10))
    vectors = np.concatenate([stems, stems + offsets[0], stems + offsets[1]]) + 0.5 * rng.standard_normal(
        (60, 10)
    )
    keys = [f"w{row % 20}{('', 's', 'ed')[row // 20]}" for row in range(60)]
    return Table.from_arrays(keys, vectors.astype(np.float32))


@pytest.fixture
def tested():
    return {
        "plural": [(f"W{row}", f"w{row}s") for row in range(22)],
        "past": [(f"w{row}", f"w{row}ed/w{row}s") for row in range(5, 15)],
        "nowhere": [("x", "y"), ("z", "q")],
        "one": [("w1", "w1s"), ("x", "y")],
    }


def pair_by_pair(table, pairs):
    """(covered, correct) of one relation."""
    rows = {key: row for row, key in enumerate(table.keys)}
    units = table.vectors.astype(np.float64)
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    known = []
    for first, seconds in pairs:
        right = [rows[word] for word in seconds.split("/") if word in rows]
        if first.lower() in rows and right:
            known.append((rows[first.lower()], right))
    if len(known) < 2:
        return 0, 0
    correct = 0
    for place, (first, right) in enumerate(known):
        others = [pair for other, pair in enumerate(known) if other != place]
        offset = np.mean([units[b[0]] for _, b in others], axis=0) - np.mean(
            [units[a] for a, _ in others], axis=0
        )
        cosines = units @ (units[first] + offset)
        cosines[first] = -np.inf
        correct += int(np.argmax(cosines) in right)
    return len(known), correct


def test_counts_are_those_of_asking_pair_by_pair(grid, tested):
    report = relations(grid, tested)
    found = [(score.covered, score.correct) for score in report.relations]
    assert found == [pair_by_pair(grid, pairs) for pairs in tested.values()]
    assert [score.asked for score in report.relations] == [22, 10, 2, 2]
    assert 0 < report.total.correct < report.total.covered == 30
    low, high = report.total.interval
    assert low < report.total.accuracy < high
    assert report.total.accuracy_of_asked == report.total.correct / 36
    assert report.relations[2].accuracy is None


def test_equal_first_words_do_not_teach_each_other(grid):
    """A pair that stands twice is no example of itself: then nothing is left to learn from."""
    report = relations(grid, [("w1", "w1s"), ("W1", "w1s")])
    assert (report.total.covered, report.note) == (
        0,
        "no accuracy: no relation has two pairs among the candidates",
    )


def test_the_first_word_is_no_answer():
    vectors = np.array([[1, 0, 0], [1, 0, 0.1], [0, 1, 0], [0, 1, 0.1]], np.float32)
    table = Table.from_arrays("abcd", vectors)
    assert relations(table, [("a", "a"), ("c", "c")]).total.correct == 0
    assert relations(table, [("a", "b"), ("c", "d")]).total.correct == 2


def test_limit_and_case(grid, tested):
    assert relations(grid, tested, limit=40).relations[1].covered == 10
    assert relations(grid, tested, limit=20).total.covered == 0
    assert relations(grid, tested, fold_case=False).relations[0].covered == 0


def test_vectors_that_are_not_finite_are_not_covered(grid, tested):
    vectors = grid.vectors.copy()
    vectors[[0, 21]] = np.nan
    assert relations(Table.from_arrays(grid.keys, vectors), tested).relations[0].covered == 18


@pytest.mark.parametrize("shape", [(0, 3), (0, 0)])
def test_an_empty_table(shape, tested):
    report = relations(Table.from_arrays([], np.zeros(shape, np.float32)), tested)
    assert (report.total.accuracy, report.total.accuracy_of_asked) == (None, 0.0)
    assert report.note in str(report)


def test_equal_vectors_are_answered_by_the_first_row():
    for vectors in (np.ones((4, 3), np.float32), np.zeros((4, 0), np.float32)):
        table = Table.from_arrays("abcd", vectors)
        assert relations(table, [("b", "a"), ("c", "d")]).total.correct == 1


def test_reports_print_and_become_json(grid, tested, tmp_path):
    path = tmp_path / "BATS.txt"
    path.write_text(
        "\n".join(f": {name}\n" + "\n".join("\t".join(p) for p in pairs) for name, pairs in tested.items())
    )
    report = relations(grid, path)
    assert report.relations == relations(grid, tested).relations
    lines = str(report).splitlines()
    assert lines[0] == "BATS: 30 of 36 pairs covered by 60 candidates"
    assert [line.split()[0] for line in lines[2:]] == ["plural", "past", "nowhere", "one", "total"]
    as_json = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert as_json["relations"][0]["covered"] == 20


def test_wrong_arguments(grid, tested):
    with pytest.raises(RecipeError, match="limit"):
        relations(grid, tested, limit=0)
    with pytest.raises(RecipeError, match="bootstrap"):
        relations(grid, tested, bootstrap=-1)
