"""The sums that stand for the skipped steps of Adam."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.nn.optim.adam_history import AdamHistory


def moves_of_single_steps(steps, start, stop, root):
    """What the steps from `start` to `stop` do to a row with m = 1 and sqrt(v) = root."""
    moved, m, square = 0.0, 1.0, root**2
    for n in range(start, stop):
        m, square = m * steps.betas[n], square * steps.beta2
        moved = moved * (1 - steps.decays[n])
        moved += steps.sizes[n] * m / (np.sqrt(square) + steps.eps * steps.dampings[n])
    return moved


@pytest.mark.parametrize("cycled", [False, True])
@pytest.mark.parametrize("origin", [0, 5000])
def test_moves_are_those_of_single_steps(origin, cycled):
    history = AdamHistory(origin=origin, beta1=0.9, beta2=0.999, eps=1e-8)
    for n in range(450):
        beta1 = 0.9 - 0.05 * np.sin(n / 40) ** 2 if cycled else 0.9
        history.record(learning_rate=1e-3 * (1 + np.cos(n / 70)), beta1=beta1, weight_decay=0.5)
    steps = history.steps
    for start in (0, 29, 30, 100, 251, 252, 400, 440):
        for root in (1e-12, 1e-9, 1e-8, 1e-6, 1.0):
            if start >= steps.tabled_from and 450 - start > steps.shifts.shape[1]:
                stop = min(450, start + steps.reach)
                exact = moves_of_single_steps(steps, start, stop, root)
                summed = (steps.moves[start] / (root + steps.shifts[start])).sum()
                assert summed == pytest.approx(exact, rel=1e-5)


def test_early_steps_are_taken_singly():
    assert AdamHistory(origin=0, beta1=0.9, beta2=0.999, eps=1e-8).steps.tabled_from == 30
    assert AdamHistory(origin=31, beta1=0.9, beta2=0.999, eps=1e-8).steps.tabled_from == 0


def test_powers_of_decay_add_up():
    history = AdamHistory(origin=0, beta1=0.9, beta2=0.999, eps=1e-8)
    for _ in range(3):
        history.record(learning_rate=0.1, beta1=0.9, weight_decay=2.0)
    z = -np.log(0.8)
    np.testing.assert_allclose(history.steps.decay_powers[3], 3 * z ** np.arange(1, 5))


def test_it_fits_what_it_was_made_for(monkeypatch):
    monkeypatch.setattr("rowspace.nn.optim.adam_history.CAPACITY", 2)
    settings = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
    history = AdamHistory(origin=0, **settings)
    assert history.fits(**settings)
    assert history.fits(**{**settings, "beta1": 0.85})
    assert not history.fits(**{**settings, "beta1": 0.95})
    assert not history.fits(**{**settings, "beta2": 0.99})
    assert not history.fits(**{**settings, "eps": 1e-6})
    for _ in range(2):
        history.record(learning_rate=0.1, beta1=0.9, weight_decay=0.0)
    assert not history.fits(**settings)
