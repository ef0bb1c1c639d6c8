"""The learning rate over a training."""

from __future__ import annotations

import numpy as np

from rowspace.tasks.networks import Plan

PLAN = Plan(epochs=4, learning_rate=0.05, seed=7, warmup=0.1)


def test_the_rate_rises_and_falls_to_zero():
    rates = [PLAN.rate(step, 40) for step in range(40)]
    assert np.argmax(rates) in (3, 4)
    assert max(rates) == PLAN.learning_rate
    assert 0 < rates[-1] < 0.002
    assert np.all(np.diff(rates[4:]) < 0)
    assert Plan(1, 0.5, 0).rate(0, 10) == 0.5
