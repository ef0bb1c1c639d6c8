"""The best epoch: which it is, when to stop waiting for a better one, and its rows."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from rowspace.training import best
from rowspace.training.matrices import Matrices


@pytest.mark.parametrize(
    ("losses", "expected"), [([1.0], 0), ([2, 1, 1], 1), ([math.nan, 3.0], 1), ([math.nan], 0)]
)
def test_the_first_of_the_least_is_the_best(losses, expected):
    assert best.best_epoch(losses) == expected


def test_patience_counts_epochs_without_a_better_one():
    losses = [3.0, 2.0, 2.0, 2.5]
    over = [best.is_over(losses[:epochs], 2) for epochs in range(5)]
    assert over == [False, False, False, False, True]


def test_everything_that_moves_is_kept_and_taken_back():
    matrices = Matrices.zeros(3, 2)
    matrices = best.with_room(replace(matrices, state={"sums": np.ones((3, 1), np.float32)}))
    matrices.center[:], matrices.context[:] = 1, 2
    best.keep_(matrices)
    for values in (matrices.center, matrices.context, matrices.state["sums"]):
        values[:] = 9
    best.take_back_(matrices)
    assert (matrices.center == 1).all() and (matrices.context == 2).all()
    assert matrices.state["sums"].tolist() == [[1], [1], [1]]
    assert set(best.without_room(matrices.state)) == {"sums"}
