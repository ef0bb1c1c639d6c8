"""Spherical k-means: it finds groups that are there, and never fails."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from rowspace.evaluation.clusters import cluster


def unit_rows(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def grouped(labels):
    """The clusters as sets of rows, whatever their numbers."""
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels)}


def test_groups_that_lie_apart_are_found():
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(6), 15)
    units = unit_rows(np.eye(6, 9)[truth] + 0.1 * rng.standard_normal((90, 9)))
    assert grouped(cluster(units, 6, restarts=10, seed=0).labels) == grouped(truth)


@pytest.mark.parametrize("seed", range(5))
def test_the_best_of_many_runs_is_the_best_there_is(seed):
    units = unit_rows(np.random.default_rng(seed).standard_normal((8, 2)))
    splits = (np.array(split) for split in product([0, 1], repeat=8))
    best = max(sum(np.linalg.norm(units[split == side].sum(axis=0)) for side in (0, 1)) for split in splits)
    assert cluster(units, 2, restarts=40, seed=0).objective == pytest.approx(best)


def test_more_restarts_are_never_worse():
    units = unit_rows(np.random.default_rng(1).standard_normal((200, 8)))
    found = [cluster(units, 9, restarts=restarts, seed=4).objective for restarts in (1, 3, 10)]
    assert found == sorted(found)
    assert found[0] < found[-1]


def test_the_seed_decides():
    units = unit_rows(np.random.default_rng(1).standard_normal((100, 4)))
    first, second = (cluster(units, 7, restarts=2, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.labels, second.labels)


@pytest.mark.parametrize(
    "units",
    [
        np.zeros((5, 3)),
        np.zeros((5, 0)),
        np.tile([1.0, 0.0], (5, 1)),
        np.array([[1.0, 0.0], [-1.0, 0.0], [1.0, 0.0], [0.0, 0.0], [-1.0, 0.0]]),
    ],
)
@pytest.mark.parametrize("k", [1, 2, 4, 5])
def test_equal_opposite_and_zero_rows(units, k):
    labels, objective = cluster(units, k, restarts=3, seed=0)
    assert labels.shape == (5,)
    assert ((labels >= 0) & (labels < k)).all()
    assert np.isfinite(objective)


def test_one_row():
    assert cluster(np.array([[1.0, 0.0]]), 1, restarts=1, seed=0).labels.tolist() == [0]
