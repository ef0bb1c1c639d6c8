"""Skipped steps taken at once in Triton against the reference, which takes them one by one."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from rowspace.nn.optim.adam_history import AdamHistory
from rowspace.nn.optim.momentum_history import MomentumHistory

NONE = np.empty(0, np.float32)
ROWS = np.array([3, 0, 3, 5, -1, 6, 4, 0])  # twice the same, and two that are no rows
RATES = np.array([1, 0.5, 1, 0, 2, 0.25], np.float32)


def matrices(count: int, dim: int = 3) -> list[np.ndarray]:
    return list(np.random.default_rng(dim).random((count, 6, dim), np.float32))


def adam_steps(count: int, *, origin: int = 0, beta1: float = 0.9, beta2: float = 0.999, decay: float = 0.0):
    history = AdamHistory(origin=origin, beta1=beta1, beta2=beta2, eps=1e-4)
    for n in range(count):
        history.record(learning_rate=0.01 / (1 + n), beta1=beta1 - 0.001 * (n % 2), weight_decay=decay)
    return history.steps


@pytest.mark.parametrize("rates", [NONE, RATES], ids=["ones", "given"])
@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_agrees(gpu, nesterov, rates):
    history = MomentumHistory(nesterov=nesterov)
    for n in range(7):
        history.record(learning_rate=0.1 * (n + 1), momentum=0.8 + 0.01 * n)
    last = np.array([6, 0, 0, 3, 5, 7])
    arguments = (*matrices(2), last, ROWS, rates, history.steps, 0, 1)
    gpu.assert_agree("row_settling", "settle_momentum_", *arguments, rtol=2e-6)


@pytest.mark.parametrize("rates", [NONE, RATES], ids=["ones", "given"])
@pytest.mark.parametrize("decay", [0.0, 2.0])
def test_adam_agrees_step_by_step(gpu, decay, rates):
    last = np.array([13, 10, 10, 11, 14, 15])
    arguments = (*matrices(3), last, ROWS, rates, adam_steps(5, origin=10, decay=decay), 0, 1)
    gpu.assert_agree("row_settling", "settle_adam_", *arguments, rtol=2e-6)


@pytest.mark.parametrize("rates", [NONE, RATES], ids=["ones", "given"])
@pytest.mark.parametrize("decay", [0.0, 2.0])
def test_adam_agrees_where_the_table_says_it_in_a_few_terms(gpu, decay, rates):
    steps = adam_steps(230, origin=40, decay=decay)
    assert steps.tabled_from == 0
    assert 0 < steps.shifts.shape[1] < 198 == steps.reach
    last = np.array([40, 100, 40, 100, 71, 260])
    gpu.assert_agree("row_settling", "settle_adam_", *matrices(3), last, ROWS, rates, steps, 0, 1, rtol=5e-6)


@pytest.mark.parametrize(("beta1", "beta2"), [(0.0, 0.999), (0.9, 0.0), (0.0, 0.0)])
def test_adam_without_memory_agrees(gpu, beta1, beta2):
    history = AdamHistory(origin=3, beta1=beta1, beta2=beta2, eps=1e-4)
    for _ in range(3):
        history.record(learning_rate=0.01, beta1=beta1, weight_decay=0.1)
    last = np.array([3, 3, 3, 4, 5, 6])
    gpu.assert_agree(
        "row_settling", "settle_adam_", *matrices(3), last, ROWS, NONE, history.steps, 0, 1, rtol=2e-6
    )


@pytest.mark.parametrize("share", [0, 1, 2])
def test_a_share_of_the_rows_agrees(gpu, share):
    last, rows = np.full(6, 40), np.arange(6)
    steps = adam_steps(2, origin=40)
    gpu.assert_agree(
        "row_settling", "settle_adam_", *matrices(3), last, rows, NONE, steps, share, 3, rtol=2e-6
    )


@pytest.mark.parametrize("dim", [0, 1, 600])
def test_dimensions_agree(gpu, dim):
    arguments = (*matrices(3, dim), np.full(6, 40), ROWS, NONE, adam_steps(2, origin=40), 0, 1)
    gpu.assert_agree("row_settling", "settle_adam_", *arguments, rtol=2e-6)


def test_no_rows_agree(gpu):
    arguments = (*matrices(3), np.full(6, 40), ROWS[:0], NONE, adam_steps(2, origin=40), 0, 1)
    gpu.assert_agree("row_settling", "settle_adam_", *arguments)
