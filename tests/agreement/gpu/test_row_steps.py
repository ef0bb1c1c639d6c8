"""Optimizer steps in Triton against the reference, whose formulas its own tests compare with torch.optim."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

NUM_ROWS = 9
# How the arrays that an optimizer keeps are shaped, and the numbers after the learning rate and the decay.
OPTIMIZERS: dict[str, tuple[list[str], list[Any]]] = {
    "sgd_": ([], []),
    "momentum_": (["matrix"], [0.9, False]),
    "adagrad_": (["matrix"], [1e-3]),
    "rowwise_adagrad_": (["vector"], [1e-3]),
    "adam_": (["matrix", "matrix"], [0.9, 0.99, 1e-3, 3]),
}


def arguments_of(
    function: str,
    dim: int,
    *,
    lengths: list[int],
    decay: float = 0.0,
    rates: list[float] | None = None,
    numbers: list[Any] | None = None,
    weighted: bool = False,
) -> list[Any]:
    """Arguments of a step, of random rows, state and gradients."""
    rng = np.random.default_rng(len(lengths))
    state = [
        rng.random((NUM_ROWS, dim) if each == "matrix" else NUM_ROWS, np.float32)
        for each in OPTIMIZERS[function][0]
    ]
    rows = np.sort(rng.choice(NUM_ROWS, len(lengths), replace=False))
    starts = np.append(0, np.cumsum(lengths)).astype(np.int64)
    sources = rng.integers(0, 6, starts[-1])
    coefficients = rng.integers(-3, 4, starts[-1] if weighted else 0).astype(np.float32)
    # Gradients of few bits, so that their sums are the same in every order.
    vectors, outputs = (
        rng.random((NUM_ROWS, dim), np.float32),
        rng.integers(-8, 9, (6, dim)).astype(np.float32) / 8,
    )
    gradient = [rows, starts, sources, coefficients, outputs, np.array(rates or [], np.float32)]
    return [vectors, *state, *gradient, 0.1, decay, *(numbers or OPTIMIZERS[function][1])]


@pytest.fixture(params=OPTIMIZERS)
def step(request, gpu) -> Callable[..., tuple[list[Any], list[Any]]]:
    """Compare one optimizer's step; return its arguments as they were and as the kernel left them."""

    def agree(dim: int, **choices: Any) -> tuple[list[Any], list[Any]]:
        arguments = arguments_of(request.param, dim, **choices)
        return arguments, gpu.assert_agree("row_steps", request.param, *arguments, rtol=3e-6)

    return agree


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_steps_agree(step, decay, weighted):
    step(5, lengths=[1, 4, 2], decay=decay, weighted=weighted)


def test_rows_move_at_their_own_rates_and_frozen_ones_not_at_all(step):
    before, after = step(2, lengths=[1] * NUM_ROWS, decay=0.1, rates=[0.0, 0.5, 2.0] * 3)
    for old, new in zip(before, after, strict=True):
        if isinstance(old, np.ndarray):
            np.testing.assert_array_equal(new[::3], old[::3])
    assert (before[0] != after[0]).any(axis=1).tolist() == [False, True, True] * 3


@pytest.mark.parametrize("dim", [0, 1, 600])
def test_dimensions_agree(step, dim):
    step(dim, lengths=[2, 1])


def test_no_rows_agree(step):
    step(3, lengths=[])


def test_a_row_with_many_entries_agrees(step):
    step(2, lengths=[1, 500, 40])


def test_nesterov_agrees(gpu):
    arguments = arguments_of("momentum_", 5, lengths=[2, 1], decay=0.1, numbers=[0.9, True])
    gpu.assert_agree("row_steps", "momentum_", *arguments, rtol=3e-6)


def test_what_is_not_finite_passes_through(gpu):
    arguments = arguments_of("sgd_", 2, lengths=[1, 1, 2])
    arguments[0][arguments[1][0], 0] = np.inf  # times a decay of zero it would be a NaN
    arguments[5][0, 1] = np.nan
    gpu.assert_agree("row_steps", "sgd_", *arguments, rtol=3e-6)
