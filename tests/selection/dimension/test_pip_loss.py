"""The closed form against matrices drawn at random."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.selection.dimension.pip_loss import pip_loss, signal_and_noise

SIDE, RANK, NOISE = 400, 12, 1.0
SIGNAL = np.array([9.0, 7, 6, 5, 4, 3, 2.5, 2.2, 1.3, 1.2, 1.1, 0.8])


@pytest.fixture(scope="module")
def matrices():
    """A true matrix, two noisy halves of it, and the whole: their mean, with half the variance."""
    rng = np.random.default_rng(1)
    left, right = (np.linalg.qr(rng.standard_normal((SIDE, RANK)))[0] for _ in range(2))
    true = left * SIGNAL @ right.T
    halves = [true + np.sqrt(2) * NOISE / np.sqrt(SIDE) * rng.standard_normal((SIDE, SIDE)) for _ in range(2)]
    return left, *halves, (halves[0] + halves[1]) / 2


def test_the_loss_is_that_of_simulated_rows(matrices):
    left, _, _, whole = matrices
    rows = left * np.sqrt(SIGNAL)
    seen_left, seen, _ = np.linalg.svd(whole)
    pip = rows @ rows.T
    simulated = []
    for dim in range(1, RANK + 1):
        noisy = seen_left[:, :dim] * np.sqrt(seen[:dim])
        simulated.append(np.linalg.norm(pip - noisy @ noisy.T) / np.linalg.norm(pip))
    estimated = pip_loss(SIGNAL, np.full(RANK, NOISE), float((SIGNAL**2).sum()))
    np.testing.assert_allclose(estimated, simulated, atol=0.03)
    assert estimated.argmin() + 1 == (np.sqrt(3) * NOISE < SIGNAL).sum()


def test_two_halves_tell_signal_from_noise(matrices):
    _, first, second, _ = matrices
    left, values, right = np.linalg.svd(first)
    shared = np.einsum("rk,rk->k", left[:, :RANK], (second @ right.T)[:, :RANK])
    signal, noise = signal_and_noise(values[:RANK], shared)
    clear = SIGNAL > 2.4  # well above the noise of a half, which is sqrt(2)
    np.testing.assert_allclose(signal[clear], SIGNAL[clear], atol=0.3)
    np.testing.assert_allclose(noise[clear], NOISE, atol=0.25)


def test_without_noise_every_column_lowers_the_loss():
    signal, noise = signal_and_noise(np.array([3.0, 2, 1]), np.array([3.0, 2, 1]))
    assert noise.tolist() == [0, 0, 0]
    loss = pip_loss(signal, noise, 14.0)
    assert (np.diff(loss) < 0).all()
    assert loss[-1] == pytest.approx(0, abs=1e-6)


def test_noise_alone_is_never_worth_a_column():
    signal, noise = signal_and_noise(np.array([2.0, 1.9]), np.array([-0.1, 0.0]))
    assert signal.tolist() == [0, 0]
    assert (np.diff(pip_loss(signal, noise, 4.0)) > 0).all()
    assert pip_loss(signal, noise, 0.0).tolist() == [1, 1]


def test_values_past_the_rank_are_zero_and_change_nothing():
    loss = pip_loss(np.array([2.0, 0.0]), np.zeros(2), 4.0)
    assert loss.tolist() == [0, 0]
