"""Initial rows: uniform like word2vec.c, or those of a table."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import RecipeError, ShapeError
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.training import initial
from rowspace.training.initial import draw_, take_
from rowspace.training.matrices import Matrices
from rowspace.training.schedule import generator
from rowspace.vocabulary import Words


@pytest.fixture
def words() -> Words:
    return Words.from_keys(["a", "b", "c"])


def test_random_rows_are_uniform_and_leave_the_padding_alone():
    rows = Matrices.zeros(4_000, 20).center
    draw_(rows, 20, generator(1))
    values = rows[:, :20] * 20
    assert values.min() >= -1 and values.max() < 1
    assert abs(values.mean()) < 0.02
    assert values.std() == pytest.approx(3**-0.5, rel=0.02)
    assert not rows[:, 20:].any()


def test_random_rows_do_not_depend_on_how_many_are_drawn_at_a_time(monkeypatch):
    whole, parts = Matrices.zeros(100, 8).center, Matrices.zeros(100, 8).center
    draw_(whole, 8, generator(5))
    monkeypatch.setattr(initial, "ROWS_A_STEP", 7)
    draw_(parts, 8, generator(5))
    np.testing.assert_array_equal(whole, parts)


def test_rows_of_known_keys_are_taken_and_others_stay(words, monkeypatch):
    monkeypatch.setattr(initial, "ROWS_A_STEP", 2)
    matrices = Matrices.zeros(3, 2)
    matrices.center[:, :2] = 9
    table = Table.from_arrays(["c", "x", "a"], np.arange(6, dtype=np.float32).reshape(3, 2))
    assert take_(matrices, words, table) == 2
    assert matrices.center[:, :2].tolist() == [[4, 5], [9, 9], [0, 1]]
    assert not matrices.context.any()


def test_context_rows_come_along(words):
    matrices = Matrices.zeros(3, 2)
    rows = np.ones((1, 2), np.float32)
    table = Table(Words.from_keys(["b"]), DenseStore(rows), {}, DenseStore(rows * 3))
    take_(matrices, words, table)
    assert matrices.context[:, :2].tolist() == [[0, 0], [3, 3], [0, 0]]


def test_the_state_of_each_key_comes_along_where_it_is_of_the_same_kind(words):
    matrices = Matrices.zeros(3, 2)
    state = {"rates": np.ones((3, 1), np.float32), "positions": np.ones((4, 2), np.float32)}
    matrices = Matrices(matrices.center, matrices.context, 2, state)
    given = {"rates": np.array([[5], [7]], np.float32), "positions": np.zeros((2, 2), np.float32)}
    table = Table(Words.from_keys(["c", "x"]), DenseStore(np.ones((2, 2), np.float32)), {}, None, given)
    take_(matrices, words, table)
    assert matrices.state["rates"].tolist() == [[1], [1], [5]]
    assert (matrices.state["positions"] == 1).all()


def test_a_table_with_an_unknown_row_lends_it_to_nobody(words):
    matrices = Matrices.zeros(3, 2)
    vocabulary = Words.from_keys(["<unk>", "a"], unknown_key="<unk>", missing="unknown")
    table = Table(vocabulary, DenseStore(np.ones((2, 2), np.float32)))
    assert take_(matrices, words, table) == 1


def test_another_dim_is_refused(words, table):
    with pytest.raises(ShapeError, match="dim 2, but have 8; set dim=8"):
        take_(Matrices.zeros(3, 2), words, table)


def test_rows_that_are_not_finite_are_refused_by_key(words):
    vectors = np.array([[1, 1], [np.nan, 1]], np.float32)
    with pytest.raises(RecipeError, match="the row of 'b' is not"):
        take_(Matrices.zeros(3, 2), words, Table.from_arrays(["a", "b"], vectors))
