"""Who may answer, and who does."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import RecipeError
from rowspace.evaluation.candidates import Candidates
from rowspace.table import Table


@pytest.fixture
def folded():
    vectors = np.array([[1, 0], [0.9, 0.1], [0, 1], [np.nan, 0], [0.5, 0.5]], np.float32)
    return Candidates(Table.from_arrays(["Cup", "cup", "mug", "nan", "pot"], vectors), fold=True, limit=None)


def test_keys_that_fold_alike_are_one_class(folded):
    assert folded.classes.tolist() == [0, 0, 2, 3, 4]
    assert folded.find(["CUP", "pot", "zzz", "nan", "cup"]).tolist() == [0, 4, -1, -1, 0]
    assert folded.find([]).tolist() == []


def test_the_nearest_that_is_not_asked_answers(folded):
    queries = np.array([[1.0, 0.2], [1.0, 0.2], [1.0, 0.2]])
    assert folded.answer(queries, np.array([[2, 2], [0, 2], [0, 4]])).tolist() == [0, 4, 2]
    assert folded.answer(queries[:1], np.array([[0, 2, 4]])).tolist() == [-1]
    assert folded.answer(queries[:0], np.zeros((0, 2), np.int64)).tolist() == []


def test_limit(folded):
    table = Table.from_arrays("abc", np.eye(3, dtype=np.float32))
    few = Candidates(table, fold=True, limit=2)
    assert (len(few), few.find(["b", "c"]).tolist()) == (2, [1, -1])
    assert few.answer(np.array([[0.0, 0.1, 9.0]]), np.array([[0]])).tolist() == [1]
    with pytest.raises(RecipeError, match="limit"):
        Candidates(table, fold=True, limit=0)


def test_answers_are_those_of_brute_force():
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((40, 5)).astype(np.float32)
    candidates = Candidates(
        Table.from_arrays([f"k{row}" for row in range(40)], vectors), fold=True, limit=None
    )
    queries, asked = rng.standard_normal((60, 5)), rng.integers(0, 40, (60, 3))
    cosines = queries @ candidates.units(np.arange(40)).T
    np.put_along_axis(cosines, asked, -np.inf, axis=1)
    assert candidates.answer(queries, asked).tolist() == cosines.argmax(axis=1).tolist()
