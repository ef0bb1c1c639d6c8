"""Each step of the demo on a table whose answers are known."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import rowspace
from rowspace import Table
from rowspace.cli.demo import steps
from rowspace.stores import DenseStore
from rowspace.vocabulary import Words


@pytest.fixture
def words() -> Table:
    """Man is to king as woman is to queen; the first row stands for unknown words."""
    keys = ["<unk>", "man", "woman", "king", "queen", "cafe"]
    vectors = np.array([[0.1, 0.1, 0.1], [1, 0, 0], [1, 1, 0], [5, 0.1, 0], [5, 5, 0], [0, 0, 1]], np.float32)
    vocabulary = Words.from_keys(keys, counts=np.full(6, 30), unknown_key="<unk>", missing="unknown")
    return Table(vocabulary, DenseStore(vectors))


def test_the_matrix_against_one_hot_vectors(words):
    facts = steps.matrix_step(words).facts
    assert facts == {"rows": 6, "dim": 3, "bytes": 72, "one_hot_bytes": 144, "times": 2.0}


def test_a_lookup_shows_the_first_numbers(words):
    step = steps.lookup_step(words, "king")
    assert step.facts["first"] == [5.0, 0.1, 0.0]
    assert "5.000, 0.100, 0.000" in step.lines[0]


def test_neighbors_leave_the_unknown_row_out(words):
    step = steps.neighbor_step(words, ["man", "cafe"])
    assert step.facts["man"][0]["key"] == "king"
    assert len(step.lines) == 2
    assert "<unk>" not in "".join(step.lines)


def test_an_analogy_that_comes_out_and_one_that_does_not(words):
    questions = [("man", "king", "woman", "queen"), ("man", "king", "woman", "cafe")]
    step = steps.analogy_step(words, questions, ["man", "cafe"])
    assert (step.facts["asked"], step.facts["right"]) == (2, 1)
    assert step.lines[0] == "man is to king as woman is to: queen  as expected"
    assert step.lines[1] == "man is to king as woman is to: queen  (we expected cafe)"


def test_without_a_fitting_question_one_is_made_up_and_not_judged(words):
    step = steps.analogy_step(words, [], ["man", "cafe"])
    assert step.facts["asked"] == 0
    assert len(step.lines) == 1
    assert "expected" not in step.lines[0]
    assert steps.analogy_step(words, [], ["man"]).lines == []


def test_every_policy_for_an_unknown_word(words, table):
    policies = steps.unknown_step(words, "king").facts["policies"]
    assert list(policies) == ["raise", "zero", "skip", "unknown"]
    assert policies["raise"] == "UnknownKeyError"
    assert policies["zero"] == "[0.000, 0.000, 0.000, ...]"
    assert policies["unknown"] == "[0.100, 0.100, 0.100, ...]"
    assert "unknown" not in steps.unknown_step(table, "k0").facts["policies"]


def test_the_file_is_written_and_opens_to_the_same(words, tmp_path):
    facts = steps.file_step(words, tmp_path / "w.rows", "king").facts
    assert facts["same"] is True
    assert facts["bytes"] == (tmp_path / "w.rows").stat().st_size
    assert rowspace.open(tmp_path / "w.rows").shape == (6, 3)


def test_the_picture_names_each_word_once(table, tmp_path):
    pytest.importorskip("matplotlib")
    step = steps.picture_step(table, ["k0", "k1"], tmp_path / "p.png", title="Keys")
    drawn = [word for group in step.facts["groups"].values() for word in group]
    assert len(drawn) == len(set(drawn)) == 2 * steps.PICTURED_NEIGHBORS
    assert (tmp_path / "p.png").exists()


def test_without_matplotlib_the_step_tells_how_to_get_it(table, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.backends.backend_agg", None)
    step = steps.picture_step(table, ["k0"], tmp_path / "p.png", title="Keys")
    assert step.facts["path"] is None
    assert "pip install 'rowspace[viz]'" in step.lines[0]
