"""A few points for hundreds of steps."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.nn.optim.quadrature import (
    FROM_STEP,
    interpolation,
    log_shifts,
    nodes_of,
    reach_of,
    separations,
)

BETAS = [(0.9, 0.999), (0.95, 0.999), (0.9, 0.99), (0.9, 0.98), (0.9, 0.95), (0.8, 0.9), (0.99, 0.999)]


@pytest.mark.parametrize("betas", BETAS, ids=str)
@pytest.mark.parametrize("step", [FROM_STEP, 10_000])
def test_points_stand_for_steps_whatever_the_size_of_gradients(betas, step):
    beta1, beta2 = betas
    j = np.arange(1.0, reach_of(beta1, beta2) + 1)
    amounts = np.sqrt(1 - beta2 ** (step + j)) / (1 - beta1 ** (step + j)) * (beta1 / beta2**0.5) ** j
    amounts *= 1 + 0.5 * np.sin(j / 20)  # a learning rate that goes up and down
    at, points = log_shifts(step, j, beta2), log_shifts(step, nodes_of(beta1, beta2), beta2)
    weights = amounts @ interpolation(at[:, None], points, separations(points))
    for q in np.logspace(-6, 6, 60):
        exact = (amounts / (1 + q * np.exp(at))).sum()
        assert (weights / (1 + q * np.exp(points))).sum() == pytest.approx(exact, rel=5e-6)


@pytest.mark.parametrize("betas", [(0.9, 0.9), (0.99, 0.9), (0.0, 0.999), (0.9, 0.0)], ids=str)
def test_where_no_points_do_there_are_none(betas):
    assert len(nodes_of(*betas)) == 0


@pytest.mark.parametrize("betas", [*BETAS, (0.9, 0.9), (0.99, 0.9), (0.0, 0.999), (0.9, 0.0)], ids=str)
def test_beyond_the_reach_a_moment_moves_nothing(betas):
    beta1, beta2 = betas
    for q in (0.0, 1e-3, 1.0, 1e3) if beta1 < np.sqrt(beta2) else (1e-3, 1.0, 1e3):
        j = np.arange(1.0, 5 * reach_of(beta1, beta2) + 1)
        terms = beta1**j / (np.sqrt(beta2) ** j + q)
        assert terms[reach_of(beta1, beta2) :].sum() <= 1e-7 * terms.sum()


def test_interpolation_is_exact_for_polynomials_and_on_the_points():
    points = np.array([0.1, 0.2, 0.4, 0.7])
    at = np.array([[0.15], [0.4], [0.9]])
    cubic = np.polynomial.Polynomial([1.0, -2.0, 3.0, 0.5])
    np.testing.assert_allclose(
        interpolation(at, points, separations(points)) @ cubic(points), cubic(at[:, 0])
    )
