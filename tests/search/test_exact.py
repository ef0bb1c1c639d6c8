"""What is particular to the exact index; tests/contracts/test_index.py holds what all indexes answer."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from rowspace.errors import RecipeError, ShapeError
from rowspace.search import ExactIndex
from rowspace.search import exact as exact_module

ONE = np.ones((1, 2), np.float32)


@pytest.mark.unchecked
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"metric": "manhattan"}, "metric must be"),
        ({"limit": 0}, "limit must be"),
        ({"threads": 0}, "threads must"),
    ],
)
def test_settings_outside_their_range(arguments, message):
    with pytest.raises(RecipeError, match=message):
        ExactIndex(ONE, **arguments)


@pytest.mark.unchecked
@pytest.mark.parametrize("vectors", [np.ones(3, np.float32), np.ones((2, 2))])
def test_vectors_of_another_shape_or_dtype(vectors):
    with pytest.raises(ShapeError, match="2-d float32"):
        ExactIndex(vectors)


@pytest.mark.unchecked
def test_queries_of_another_number_type_are_converted():
    assert ExactIndex(ONE, "dot").search(np.array([[2, 3]]), 1).scores.tolist() == [[5]]


def test_the_vectors_are_not_copied():
    vectors = np.zeros((3, 2), np.float32)
    index = ExactIndex(vectors)
    assert all(np.shares_memory(block, vectors) for _, block in index.blocks())


def test_a_small_search_needs_no_numba():
    code = (
        "import sys, numpy as np; import rowspace.search as s; "
        "s.ExactIndex(np.ones((9, 3), np.float32)).search(np.ones((2, 3), np.float32), 2); "
        "sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_sketch_is_drawn_for_those_who_ask_often(monkeypatch):
    """It makes the index's answers come from fewer rows: a row that changes unseen shows which."""
    monkeypatch.setattr(exact_module, "KERNEL_FROM_WORK", 0)
    monkeypatch.setattr(exact_module, "SKETCH_FROM", 3)
    vectors = np.array([[4, 0], [3, 0], [0, 0]], np.float32)
    often, never = ExactIndex(vectors, "dot"), ExactIndex(vectors, "dot", sketch=False)
    for index in (often, never):
        for _ in range(4):
            assert index.search(ONE, 1).ids.tolist() == [[0]]
    vectors[2] = 5
    assert often.search(ONE, 1).ids.tolist() == [[0]]
    assert never.search(ONE, 1).ids.tolist() == [[2]]


def test_scores_are_rounded_once():
    """A cosine with itself is one, to the last bit."""
    vectors = np.random.default_rng(0).standard_normal((500, 37), np.float32)
    hits = ExactIndex(vectors).search(vectors, 1)
    assert hits.ids[:, 0].tolist() == list(range(500))
    assert (hits.scores == 1).all()


def test_products_beyond_float32_still_rank():
    vectors = np.array([[1e38], [3e38], [-3e38], [1]], np.float32)
    hits = ExactIndex(vectors, "dot").search(np.array([[2e38]], np.float32), 4)
    assert hits.ids.tolist() == [[1, 0, 3, 2]]
    assert hits.scores[0, [0, 1, 3]].tolist() == [np.inf, np.inf, -np.inf]
