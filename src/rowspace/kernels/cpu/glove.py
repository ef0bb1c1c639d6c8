"""GloVe in Numba: kernels/reference/glove.py says what it computes.

Threads may run `glove_` at the same time on the same arrays without locks (Hogwild, Recht et al. 2011):
two threads that meet in a row may lose one of the two steps. One thread alone gives the same bits every
time. What the cells cost in memory traffic is decided by their order: see training/counting/tiles.py.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int32
from numba import njit

from rowspace.arrays import Vectors
from rowspace.kernels.cpu.adagrad import move_
from rowspace.kernels.cpu.logistic import exp
from rowspace.kernels.cpu.simd import (
    LANES,
    Pointer,
    fma,
    load,
    multiply,
    pointer,
    prefetch,
    splat,
    store,
    total,
)
from rowspace.kernels.reference.glove import LARGEST_GRADIENT, SMALLEST_EXPONENT, Biases, Rates

AHEAD = 4  # cells between asking for rows and using them


class Side(NamedTuple):
    """One of the two matrices with all that belongs to its rows."""

    values: Pointer
    rates: Pointer
    bias: Pointer
    bias_rates: Pointer


def glove_(
    center: Vectors,
    context: Vectors,
    center_rates: Rates,
    context_rates: Rates,
    center_bias: Biases,
    context_bias: Biases,
    center_bias_rates: Biases,
    context_bias_rates: Biases,
    rows: Int32[np.ndarray, "cells"],
    columns: Int32[np.ndarray, "cells"],
    log_weights: Float32[np.ndarray, "cells"],
    *,
    x_max: float,
    alpha: float,
    learning_rate: float,
) -> tuple[float, float]:
    """Train all eight arrays in place, cell by cell; return the summed cost and the number of cells."""
    cost = _train(
        center,
        context,
        center_rates,
        context_rates,
        center_bias,
        context_bias,
        center_bias_rates,
        context_bias_rates,
        rows,
        columns,
        log_weights,
        np.float32(np.log(x_max)),
        np.float32(alpha),
        np.float32(learning_rate),
    )
    return cost, float(len(rows))


@njit(nogil=True, cache=True)
def _train(
    center: Vectors,
    context: Vectors,
    center_rates: Rates,
    context_rates: Rates,
    center_bias: Biases,
    context_bias: Biases,
    center_bias_rates: Biases,
    context_bias_rates: Biases,
    rows: Int32[np.ndarray, "cells"],
    columns: Int32[np.ndarray, "cells"],
    log_weights: Float32[np.ndarray, "cells"],
    log_x_max: np.float32,
    alpha: np.float32,
    learning_rate: np.float32,
) -> float:
    """Find how much each cell matters, sixteen at a time, and train on one after the other."""
    stride = center.shape[1]
    w = Side(pointer(center), pointer(center_rates), pointer(center_bias), pointer(center_bias_rates))
    c = Side(pointer(context), pointer(context_rates), pointer(context_bias), pointer(context_bias_rates))
    size = len(rows)
    importance = np.empty(LANES, np.float32)
    cost = 0.0
    for start in range(0, size, LANES):
        last = min(start + LANES, size)
        _importance_(log_weights, start, last, log_x_max, alpha, importance)
        for cell in range(start, last):
            ahead = min(cell + AHEAD, size - 1)
            _ask_(w, int(rows[ahead]), stride)
            _ask_(c, int(columns[ahead]), stride)
            often = importance[cell - start]
            cost += _cell_(
                w, c, int(rows[cell]), int(columns[cell]), stride, log_weights[cell], often, learning_rate
            )
    return cost


@njit(nogil=True, cache=True)
def _importance_(
    log_weights: Float32[np.ndarray, "cells"],
    start: int,
    last: int,
    log_x_max: np.float32,
    alpha: np.float32,
    importance: Float32[np.ndarray, "16"],
) -> None:
    """Write f(x) = min(1, (x / x_max)**alpha) of the cells [start, last)."""
    for lane in range(LANES):
        log_x = log_weights[min(start + lane, last - 1)]
        power = alpha * min(np.float32(0), log_x - log_x_max)
        importance[lane] = max(power, np.float32(SMALLEST_EXPONENT))
    store(pointer(importance), 0, exp(load(pointer(importance), 0)))


@njit(nogil=True, cache=True)
def _ask_(side: Side, row: int, stride: int) -> None:
    """Ask for a row and its rates."""
    for panel in range(row * stride, (row + 1) * stride, LANES):
        prefetch(side.values, panel)
        prefetch(side.rates, panel)


@njit(nogil=True, cache=True)
def _cell_(
    w: Side,
    c: Side,
    row: int,
    column: int,
    stride: int,
    log_x: np.float32,
    often: np.float32,
    learning_rate: np.float32,
) -> float:
    """One step on one cell; return its cost."""
    i, j = row * stride, column * stride
    product = splat(np.float32(0))
    for panel in range(0, stride, LANES):
        product = fma(load(w.values, i + panel), load(c.values, j + panel), product)
    difference = total(product) + w.bias[row] + c.bias[column] - log_x
    gradient = often * difference
    step = learning_rate * gradient
    limit = learning_rate * np.float32(LARGEST_GRADIENT)
    factor = splat(step)
    for panel in range(0, stride, LANES):
        x, y = load(w.values, i + panel), load(c.values, j + panel)
        move_(w.values, w.rates, i + panel, x, multiply(factor, y), limit)
        move_(c.values, c.rates, j + panel, y, multiply(factor, x), limit)
    step = min(max(step, -limit), limit)
    _move_bias_(w, row, step)
    _move_bias_(c, column, step)
    return np.float64(np.float32(0.5) * gradient * difference)


@njit(nogil=True, cache=True)
def _move_bias_(side: Side, row: int, step: np.float32) -> None:
    """One step of AdaGrad on the bias of a row."""
    taken = side.bias_rates[row] * step
    side.bias[row] -= taken
    side.bias_rates[row] /= np.sqrt(np.float32(1) + taken * taken)
