"""The sums that stand for the skipped steps of momentum."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.nn.optim.momentum_history import MomentumHistory


@pytest.mark.parametrize("nesterov", [False, True])
def test_moves_are_those_of_single_steps(nesterov):
    rng = np.random.default_rng(2)
    rates, momenta = rng.random(300), 0.8 + 0.15 * rng.random(300)
    history = MomentumHistory(nesterov=nesterov)
    for rate, momentum in zip(rates, momenta, strict=True):
        history.record(learning_rate=rate, momentum=momentum)
    for start in (0, 1, 150, 299):
        moved, velocity = 0.0, 1.0
        for n in range(start, 300):
            velocity *= momenta[n]
            moved += rates[n] * velocity * (momenta[n] if nesterov else 1)
        assert history.steps.moves[start] == pytest.approx(moved, rel=1e-9)


def test_no_momentum_leaves_nothing():
    history = MomentumHistory(nesterov=False)
    history.record(learning_rate=1.0, momentum=0.0)
    assert history.steps.moves[0] < 1e-29


def test_it_fits_what_it_was_made_for(monkeypatch):
    monkeypatch.setattr("rowspace.nn.optim.momentum_history.CAPACITY", 1)
    history = MomentumHistory(nesterov=True)
    assert history.fits(nesterov=True) and not history.fits(nesterov=False)
    history.record(learning_rate=1.0, momentum=0.5)
    assert not history.fits(nesterov=True)
