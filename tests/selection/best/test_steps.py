"""The record of steps: gains are against the best before."""

from __future__ import annotations

import numpy as np

from rowspace.selection.best.clock import Clock
from rowspace.selection.best.steps import Steps


class Told:
    """Evidence that is told what to say."""

    def __init__(self, scores):
        self.scores = iter(scores)

    def score(self, units):
        return next(self.scores)

    def report(self, units):
        return {"told": 1.0}


def test_gains_are_against_the_best_before():
    with Clock(1, progress=False) as clock:
        steps = Steps.__new__(Steps)
        steps.evidence, steps.clock, steps.record, steps.best_score = Told([0.5, 0.4, 0.6]), clock, [], None
        for name in ("one", "two", "three"):
            steps.add(name, "as it is", np.eye(2, dtype=np.float32))
    assert [step["gain"] for step in steps.record] == [None, -0.1, 0.1]
    assert [step["score"] for step in steps.record] == [0.5, 0.4, 0.6]
    assert steps.record[0]["evidence"] == {"told": 1.0}
