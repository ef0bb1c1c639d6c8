"""Skipped steps at once against skipped steps one by one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from rowspace.kernels.cpu import row_settling as cpu
from rowspace.kernels.reference import row_settling as reference
from rowspace.nn.optim.adam_history import AdamHistory
from rowspace.nn.optim.momentum_history import MomentumHistory

NO_RATES = np.empty(0, np.float32)
STEPS = 320


def adam_steps(beta1=0.9, beta2=0.999, *, weight_decay=0.1, eps=1e-8, origin=0, cycled=0.0):
    history = AdamHistory(origin=origin, beta1=beta1, beta2=beta2, eps=eps)
    for n in range(STEPS):
        history.record(
            learning_rate=5e-3 * (1 + np.cos(n / 40)),
            beta1=beta1 - cycled * np.sin(n / 30) ** 2,
            weight_decay=weight_decay,
        )
    return history.steps


def rows_behind(steps, num_rows: int, dim: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Vectors, moments and last steps, gradients from 1e-10 to 1; and ids that hold each row twice."""
    rng = np.random.default_rng(num_rows + dim)
    g = 10.0 ** rng.uniform(-10, 0, (num_rows, dim)) * rng.choice([-1, 0, 1], (num_rows, dim))
    w, m, v = 0.3 * rng.standard_normal((num_rows, dim)), 0.1 * g, 0.001 * g * g * rng.uniform(1, 9, g.shape)
    last = steps.origin + rng.integers(0, STEPS + 1, num_rows)
    ids = rng.permutation(np.repeat(np.arange(num_rows), 2))
    return [*(each.astype(np.float32) for each in (w, m, v)), last], ids


def settle(kernel: Callable[..., None], arrays: list[np.ndarray], ids, rates, steps, shares=1):
    copies = [each.copy() for each in arrays]
    for share in range(shares):
        kernel(*copies, ids, rates, steps, share, shares)
    return copies


def assert_agree(ours: list[np.ndarray], specified: list[np.ndarray]) -> None:
    *values, last = ours
    *expected, expected_last = specified
    for mine, theirs in zip(values, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=2e-6, atol=2e-7 * max(1.0, np.abs(theirs).max()))
    np.testing.assert_array_equal(last, expected_last)


CASES = {
    "usual": {},
    "no decay": {"weight_decay": 0.0},
    "later": {"origin": 10_000},
    "strong decay": {"weight_decay": 60.0},
    "large eps": {"eps": 1e-3},
    "tiny eps": {"eps": 1e-15},
    "other betas": {"beta1": 0.9, "beta2": 0.95},
    "no table": {"beta1": 0.9, "beta2": 0.9},
    "no first moment": {"beta1": 0.0},
    "no second moment": {"beta1": 0.5, "beta2": 0.0, "eps": 1e-2},
    "cycled beta1": {"beta1": 0.95, "cycled": 0.1},
}


@pytest.mark.parametrize("name", CASES)
def test_adam_agrees(name):
    steps = adam_steps(**CASES[name])
    arrays, ids = rows_behind(steps, 40, 20)
    ours, specified = (settle(each.settle_adam_, arrays, ids, NO_RATES, steps) for each in (cpu, reference))
    assert_agree(ours, specified)
    assert np.abs(specified[0] - arrays[0]).max() > 1e-2


@pytest.mark.parametrize("weight_decay", [0.0, 0.1, 20.0])
def test_adam_agrees_with_a_rate_for_each_row(weight_decay):
    steps = adam_steps(weight_decay=weight_decay)
    arrays, ids = rows_behind(steps, 60, 7)
    rates = np.tile([0, 1, 0.25, 1.5], 15).astype(np.float32)
    ours, specified = (settle(each.settle_adam_, arrays, ids, rates, steps) for each in (cpu, reference))
    assert_agree(ours, specified)
    for mine, before in zip(ours[:3], arrays[:3], strict=True):
        np.testing.assert_array_equal(mine[::4], before[::4])


def test_decay_at_a_rate_far_beyond_the_reach_agrees():
    history = AdamHistory(origin=50, beta1=0.5, beta2=0.999, eps=1e-8)
    for n in range(2000):
        history.record(learning_rate=1e-3 * (1 + n % 3), beta1=0.5, weight_decay=3.0)
    arrays = [np.full((3, 16), value, np.float32) for value in (1.0, 1e-3, 1e-6)]
    arrays.append(np.full(3, 50))
    rates = np.array([0.1, 0.5, 1.7], np.float32)
    ours, specified = (
        settle(each.settle_adam_, arrays, np.arange(3), rates, history.steps) for each in (cpu, reference)
    )
    assert_agree(ours, specified)


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize(
    "rates", [NO_RATES, np.tile([0, 1, 0.25, 1.5], 10).astype(np.float32)], ids=["", "rates"]
)
def test_momentum_agrees(nesterov, rates):
    history = MomentumHistory(nesterov=nesterov)
    for n in range(STEPS):
        history.record(learning_rate=0.1 / (1 + n), momentum=0.9 - 0.1 * (n % 5 == 0))
    (w, velocity, _, last), ids = rows_behind(history.steps, 40, 20)
    arrays = [w, 10 * velocity, last]
    ours, specified = (
        settle(each.settle_momentum_, arrays, ids, rates, history.steps) for each in (cpu, reference)
    )
    assert_agree(ours, specified)


@pytest.mark.parametrize("dim", [0, 1, 15, 16, 17, 100])
def test_every_dim_agrees(dim):
    steps = adam_steps()
    arrays, ids = rows_behind(steps, 12, dim)
    ours, specified = (settle(each.settle_adam_, arrays, ids, NO_RATES, steps) for each in (cpu, reference))
    if dim:
        assert_agree(ours, specified)


@pytest.mark.parametrize("module", [cpu, reference])
def test_shares_settle_each_row_once(module):
    steps = adam_steps()
    arrays, ids = rows_behind(steps, 50, 4)
    whole, shared = (settle(module.settle_adam_, arrays, ids, NO_RATES, steps, shares) for shares in (1, 3))
    for one, three in zip(whole, shared, strict=True):
        np.testing.assert_array_equal(one, three)
    one_share = [each.copy() for each in arrays]
    module.settle_adam_(*one_share, ids, NO_RATES, steps, 0, 3)
    touched = (one_share[3] != arrays[3]).mean()
    assert 0.1 < touched < 0.6


@pytest.mark.parametrize("module", [cpu, reference])
def test_only_rows_asked_for_move_and_ids_that_are_no_row_are_passed_over(module):
    steps = adam_steps()
    arrays, _ = rows_behind(steps, 10, 4)
    arrays[3][:] = 5
    ids = np.array([3, -1, 10, 2**40, 3, -(2**40)])
    settled = settle(module.settle_adam_, arrays, ids, NO_RATES, steps)
    np.testing.assert_array_equal(settled[3], np.where(np.arange(10) == 3, STEPS, 5))
    np.testing.assert_array_equal(np.delete(settled[0], 3, 0), np.delete(arrays[0], 3, 0))


@pytest.mark.parametrize("module", [cpu, reference])
def test_what_was_settled_stays(module):
    steps = adam_steps()
    arrays, ids = rows_behind(steps, 30, 4)
    once = settle(module.settle_adam_, arrays, ids, NO_RATES, steps)
    twice = settle(module.settle_adam_, once, ids, NO_RATES, steps)
    for before, after in zip(once, twice, strict=True):
        np.testing.assert_array_equal(before, after)
