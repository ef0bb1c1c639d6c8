"""Analogy tests: counts by section against answering the questions one by one, and against gensim."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from rowspace.errors import EvaluationError, FileAccessError, RecipeError
from rowspace.evaluation import analogies
from rowspace.search import analogy
from rowspace.search import exact as exact_module
from rowspace.table import Table


@pytest.fixture
def grid():
    """Sixty keys on a noisy grid, so that about half of the questions are answered rightly; p for plural."""
    rng = np.random.default_rng(0)
    stems, plural = rng.standard_normal((30, 12)), rng.standard_normal(12)
    vectors = np.concatenate([stems, stems + plural]) + 0.35 * rng.standard_normal((60, 12))
    return Table.from_arrays(
        [f"w{row % 30}{'p' * (row // 30)}" for row in range(60)], vectors.astype(np.float32)
    )


@pytest.fixture
def questions(tmp_path):
    """Two sections and a third that no table covers; written in capitals."""
    rng = np.random.default_rng(1)
    lines = []
    for name, count in [("family", 70), ("gram1-plural", 60)]:
        lines.append(f": {name}")
        for a, c in rng.integers(0, 32, (count, 2)):
            lines.append(f"W{a} W{a}P W{c} W{c}P")
    path = tmp_path / "questions.txt"
    path.write_text("\n".join([*lines, ": nowhere", "x y z q", ""]))
    return path


def one_by_one(table, path, method, limit):
    """(asked, covered, correct) of each section, by asking `analogy`."""
    counts = []
    known = set(table.keys[: limit or len(table)])
    for line in path.read_text().lower().splitlines():
        if line.startswith(":"):
            counts.append([0, 0, 0])
            continue
        a, b, c, d = line.split()
        counts[-1][0] += 1
        if {a, b, c, d} <= known:
            counts[-1][1] += 1
            counts[-1][2] += analogy(table, a, b, c, 1, method=method, limit=limit).keys == [d]
    return [tuple(each) for each in counts]


@pytest.mark.parametrize("on_kernel", [True, False])
@pytest.mark.parametrize("limit", [None, 50, 30_000])
@pytest.mark.parametrize("method", ["add", "mul"])
def test_counts_are_those_of_asking_one_by_one(grid, questions, method, limit, on_kernel, monkeypatch):
    monkeypatch.setattr(exact_module, "KERNEL_FROM_WORK", 0 if on_kernel else np.inf)
    monkeypatch.setattr(exact_module, "FLOATS_IN_BLOCK", 12 * 7)
    monkeypatch.setattr(sys.modules["rowspace.evaluation.analogies"], "FLOATS_AT_A_TIME", 12 * 9)
    report = analogies(grid, questions, method=method, limit=limit)
    counts = [(score.asked, score.covered, score.correct) for score in report.sections]
    assert counts == one_by_one(grid, questions, method, limit)
    assert 0 < report.total.correct < report.total.covered < report.total.asked
    assert report.case_folded
    assert report.candidates == min(limit or 60, 60)


def test_totals(grid, questions):
    report = analogies(grid, questions)
    family, plural, nowhere = report.sections
    assert report.semantic.asked == family.asked + nowhere.asked
    assert report.syntactic.correct == plural.correct
    assert report.total.covered == family.covered + plural.covered
    assert report.total.accuracy == report.total.correct / report.total.covered
    assert report.total.accuracy_of_asked == report.total.correct / report.total.asked
    assert nowhere.accuracy is None
    assert nowhere.accuracy_of_asked == 0


@pytest.mark.parametrize("method", ["add", "mul"])
def test_keys_that_fold_alike_are_one_word(tmp_path, method):
    keys = ["man", "Man", "woman", "king", "KING", "King", "Queen", "queen", "pear"]
    vectors = {
        "man": [1, 0, 0.1],
        "woman": [0, 1, 0.1],
        "king": [1, 0, 3],
        "queen": [0, 1, 3],
        "pear": [-1, -1, -1],
    }
    table = Table.from_arrays(keys, np.array([vectors[key.lower()] for key in keys], np.float32))
    path = tmp_path / "questions.txt"
    path.write_text("man king woman queen\nMAN KING WOMAN QUEEN\n")
    assert analogies(table, path, method=method, fold_case=True).total.correct == 2
    as_written = analogies(table, path, method=method)
    assert (as_written.case_folded, as_written.total.covered) == (False, 1)


@pytest.mark.parametrize("method", ["add", "mul"])
def test_an_answer_among_the_question_is_wrong(tmp_path, grid, method):
    path = tmp_path / "questions.txt"
    path.write_text("w1 w1p w2 w2\n")
    total = analogies(grid, path, method=method).total
    assert (total.covered, total.correct) == (1, 0)


@pytest.mark.parametrize("method", ["add", "mul"])
def test_three_keys_leave_no_answer(tmp_path, method):
    table = Table.from_arrays("abc", np.eye(3, dtype=np.float32))
    path = tmp_path / "questions.txt"
    path.write_text("a b c a\n")
    assert analogies(table, path, method=method).total.correct == 0


@pytest.mark.parametrize("method", ["add", "mul"])
def test_words_without_a_finite_vector_are_not_covered(grid, questions, method):
    before = analogies(grid, questions, method=method)
    vectors = grid.vectors.copy()
    vectors[grid.keys[:].index("w3p")] = np.nan
    vectors[grid.keys[:].index("w5")] = np.inf
    broken = Table.from_arrays(grid.keys, vectors)
    report = analogies(broken, questions, method=method)
    assert report.total.covered < before.total.covered
    assert report.total.correct > 0


def test_nothing_covered(questions):
    for table in (
        Table.from_arrays([], np.zeros((0, 3), np.float32)),
        Table.from_arrays(["other"], np.ones((1, 3), np.float32)),
    ):
        report = analogies(table, questions)
        assert report.total.accuracy is None
        assert "no question has all its words" in report.note
        assert report.note in str(report)
        assert json.loads(json.dumps(report.to_dict()))["total"]["accuracy"] is None


def test_reports_print_and_become_json(grid, questions):
    report = analogies(grid, questions)
    lines = str(report).splitlines()
    assert lines[0].startswith("questions: ")
    assert len({len(line) for line in lines[1:]}) == 1
    low, high = report.total.interval
    assert low < report.total.accuracy < high
    assert f"[{100 * low:.1f}, {100 * high:.1f}]" in lines[-1]
    assert list(report.total.interval) == report.to_dict()["total"]["interval"]
    assert [line.split()[0] for line in lines[2:]] == [
        "family", "gram1-plural", "nowhere", "semantic", "syntactic", "total",
    ]  # fmt: skip
    as_json = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert as_json["sections"][0]["correct"] == report.sections[0].correct


@pytest.mark.parametrize("method", ["add", "mul"])
def test_equal_vectors_are_answered_by_the_first_row(method):
    table = Table.from_arrays("abcdef", np.ones((6, 3), np.float32))
    questions = [("a", "b", "c", "d"), ("b", "c", "d", "a"), ("a", "b", "c", "e")]
    assert analogies(table, questions, method=method).total.correct == 2


@pytest.mark.parametrize("method", ["add", "mul"])
def test_no_dimension(method):
    table = Table.from_arrays("abcd", np.zeros((4, 0), np.float32))
    total = analogies(table, [("a", "b", "c", "d"), ("b", "c", "d", "b")], method=method).total
    assert (total.covered, total.correct) == (2, 1)


def test_questions_in_memory_are_those_of_a_file(grid, questions):
    sections = {}
    for line in questions.read_text().splitlines():
        if line.startswith(":"):
            words = sections[line[2:]] = []
        else:
            words.append(tuple(line.split()))
    ours, theirs = analogies(grid, sections), analogies(grid, questions)
    assert (ours.name, ours.sections, ours.total) == ("analogies", theirs.sections, theirs.total)


def test_wrong_files(grid, tmp_path):
    with pytest.raises(FileAccessError):
        analogies(grid, tmp_path / "missing.txt")
    (tmp_path / "bad.txt").write_text(": s\na b c\n")
    with pytest.raises(EvaluationError, match=r"bad\.txt: line 2"):
        analogies(grid, tmp_path / "bad.txt")


@pytest.mark.unchecked
def test_wrong_arguments(grid, questions):
    with pytest.raises(RecipeError, match="method must be"):
        analogies(grid, questions, method="3cosadd")
    with pytest.raises(RecipeError, match="limit must be"):
        analogies(grid, questions, limit=0)
    with pytest.raises(RecipeError, match="bootstrap must be"):
        analogies(grid, questions, bootstrap=-1)


@pytest.mark.upstream
@pytest.mark.filterwarnings("ignore:Call to deprecated")
@pytest.mark.parametrize("limit", [60, 50])
def test_counts_as_gensim_does(grid, questions, limit):
    models = pytest.importorskip("gensim.models")
    peer = models.KeyedVectors(grid.dim)
    peer.add_vectors(list(grid.keys), grid.vectors)
    _, theirs = peer.evaluate_word_analogies(str(questions), restrict_vocab=limit)
    ours = analogies(grid, questions, limit=limit)
    for section, peer_section in zip([*ours.sections, ours.total], theirs, strict=True):
        assert section.correct == len(peer_section["correct"])
        assert section.covered == len(peer_section["correct"]) + len(peer_section["incorrect"])
