"""Steps of optimizers on rows: the twin of ``reference.row_steps``.

The gradient of a row is summed into a buffer that stays in the first-level cache, and used at once;
meanwhile the next rows and what the optimizer keeps of them are on their way.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from jaxtyping import Float32
from numba import njit

from rowspace.arrays import Vectors
from rowspace.kernels.cpu.adagrad import square_root
from rowspace.kernels.cpu.row_lanes import (
    load_up_to,
    prefetch_row,
    prefetch_shared_row,
    store_up_to,
    sum_entries_,
)
from rowspace.kernels.cpu.simd import (
    LANES,
    Pointer,
    add,
    divide,
    fma,
    load,
    multiply,
    pointer,
    prefetch,
    splat,
    store,
    subtract,
    total,
)
from rowspace.kernels.reference.bag_pooling import Coefficients, Sources
from rowspace.kernels.reference.row_segments import RowsOnce, Starts
from rowspace.kernels.reference.row_steps import Rates, RowValues

ROWS_AHEAD = 4
SOURCES_AHEAD = 8
NEAR = 1 << 18  # values of outputs that caches hold anyway: to ask for those gains nothing


@njit(nogil=True, cache=True)
def _buffer(dim: int) -> Float32[np.ndarray, "padded"]:
    """Memory for one gradient, filled up with zeros to whole vectors; a pointer alone does not keep it."""
    return np.zeros(-(-dim // LANES) * LANES, np.float32)


@njit(nogil=True, cache=True, forceinline=True)
def _sum_(
    outputs: Pointer,
    dim: int,
    sources: Pointer,
    coefficients: Pointer,
    weighted: bool,
    starts: Pointer,
    i: int,
    far: int,
    weight_decay: float,
    w: Pointer,
    place: int,
    g: Pointer,
) -> None:
    """Write the gradient of row i of a slice to `g`; the row lies at w[place], infinite perhaps.

    The outputs of entries below `far` come from memory, and are asked for ahead of their turn.
    """
    for e in range(starts[i] + SOURCES_AHEAD, min(starts[i + 1] + SOURCES_AHEAD, far)):
        prefetch_shared_row(outputs, sources[e] * dim, dim)
    sum_entries_(outputs, dim, sources, coefficients, weighted, starts[i], starts[i + 1], g, 0)
    if weight_decay != 0:
        decay: Any = splat(np.float32(weight_decay))
        for d in range(0, dim, LANES):
            store(g, d, fma(decay, load_up_to(w, place + d, dim - d), load(g, d)))


@njit(nogil=True, cache=True, error_model="numpy")
def sgd_(
    vectors: Vectors,
    rows: RowsOnce,
    starts: Starts,
    sources: Sources,
    coefficients: Coefficients,
    outputs: Vectors,
    rates: Rates,
    learning_rate: float,
    weight_decay: float,
) -> None:
    """Move rows against their gradient g: w -= learning_rate * (g + weight_decay * w)."""
    dim, last, weighted = outputs.shape[1], len(rows) - 1, len(coefficients) > 0
    far = starts[-1] if outputs.size > NEAR else 0
    buffer = _buffer(dim)
    x: Any = pointer(outputs)
    s: Any = pointer(sources)
    c: Any = pointer(coefficients)
    begin: Any = pointer(starts)
    w: Any = pointer(vectors)
    for i in range(len(rows)):
        g: Any = pointer(buffer)
        ahead = rows[min(i + ROWS_AHEAD, last)]
        prefetch_row(w, ahead * dim, dim)
        row = rows[i]
        rate = rates[row] if len(rates) > 0 else np.float32(1)
        if rate == 0:
            continue
        lr = np.float32(learning_rate * rate)
        _sum_(x, dim, s, c, weighted, begin, i, far, weight_decay, w, row * dim, g)
        step: Any = splat(-lr)
        for d in range(0, dim, LANES):
            place, count = row * dim + d, dim - d
            store_up_to(w, place, count, fma(step, load(g, d), load_up_to(w, place, count)))


@njit(nogil=True, cache=True, error_model="numpy")
def momentum_(
    vectors: Vectors,
    velocities: Vectors,
    rows: RowsOnce,
    starts: Starts,
    sources: Sources,
    coefficients: Coefficients,
    outputs: Vectors,
    rates: Rates,
    learning_rate: float,
    weight_decay: float,
    momentum: float,
    nesterov: bool,
) -> None:
    """Move rows by heavy ball or Nesterov's momentum, without dampening; velocities (num_rows, dim)."""
    dim, last, weighted = outputs.shape[1], len(rows) - 1, len(coefficients) > 0
    far = starts[-1] if outputs.size > NEAR else 0
    buffer = _buffer(dim)
    x: Any = pointer(outputs)
    s: Any = pointer(sources)
    c: Any = pointer(coefficients)
    begin: Any = pointer(starts)
    w: Any = pointer(vectors)
    u: Any = pointer(velocities)
    kept: Any = splat(np.float32(momentum))
    for i in range(len(rows)):
        g: Any = pointer(buffer)
        ahead = rows[min(i + ROWS_AHEAD, last)]
        prefetch_row(w, ahead * dim, dim)
        prefetch_row(u, ahead * dim, dim)
        row = rows[i]
        rate = rates[row] if len(rates) > 0 else np.float32(1)
        if rate == 0:
            continue
        lr = np.float32(learning_rate * rate)
        _sum_(x, dim, s, c, weighted, begin, i, far, weight_decay, w, row * dim, g)
        step: Any = splat(-lr)
        for d in range(0, dim, LANES):
            place, count = row * dim + d, dim - d
            gradient: Any = load(g, d)
            velocity: Any = fma(kept, load_up_to(u, place, count), gradient)
            store_up_to(u, place, count, velocity)
            if nesterov:
                velocity = fma(kept, velocity, gradient)
            store_up_to(w, place, count, fma(step, velocity, load_up_to(w, place, count)))


@njit(nogil=True, cache=True, error_model="numpy")
def adagrad_(
    vectors: Vectors,
    sums: Vectors,
    rows: RowsOnce,
    starts: Starts,
    sources: Sources,
    coefficients: Coefficients,
    outputs: Vectors,
    rates: Rates,
    learning_rate: float,
    weight_decay: float,
    eps: float,
) -> None:
    """Move rows by AdaGrad, sums += g**2 and w -= learning_rate * g / (sqrt(sums) + eps); sums as vectors."""
    dim, last, weighted = outputs.shape[1], len(rows) - 1, len(coefficients) > 0
    far = starts[-1] if outputs.size > NEAR else 0
    buffer = _buffer(dim)
    x: Any = pointer(outputs)
    s: Any = pointer(sources)
    c: Any = pointer(coefficients)
    begin: Any = pointer(starts)
    w: Any = pointer(vectors)
    u: Any = pointer(sums)
    least: Any = splat(np.float32(eps))
    for i in range(len(rows)):
        g: Any = pointer(buffer)
        ahead = rows[min(i + ROWS_AHEAD, last)]
        prefetch_row(w, ahead * dim, dim)
        prefetch_row(u, ahead * dim, dim)
        row = rows[i]
        rate = rates[row] if len(rates) > 0 else np.float32(1)
        if rate == 0:
            continue
        lr = np.float32(learning_rate * rate)
        _sum_(x, dim, s, c, weighted, begin, i, far, weight_decay, w, row * dim, g)
        step: Any = splat(-lr)
        for d in range(0, dim, LANES):
            place, count = row * dim + d, dim - d
            gradient: Any = load(g, d)
            squares: Any = fma(gradient, gradient, load_up_to(u, place, count))
            store_up_to(u, place, count, squares)
            taken: Any = divide(multiply(step, gradient), add(square_root(squares), least))
            store_up_to(w, place, count, add(load_up_to(w, place, count), taken))


@njit(nogil=True, cache=True, error_model="numpy")
def rowwise_adagrad_(
    vectors: Vectors,
    sums: RowValues,
    rows: RowsOnce,
    starts: Starts,
    sources: Sources,
    coefficients: Coefficients,
    outputs: Vectors,
    rates: Rates,
    learning_rate: float,
    weight_decay: float,
    eps: float,
) -> None:
    """Move rows by AdaGrad with one sum a row, to which the mean of g**2 is added; sums (num_rows,)."""
    dim, last, weighted = outputs.shape[1], len(rows) - 1, len(coefficients) > 0
    far = starts[-1] if outputs.size > NEAR else 0
    buffer = _buffer(dim)
    x: Any = pointer(outputs)
    s: Any = pointer(sources)
    c: Any = pointer(coefficients)
    begin: Any = pointer(starts)
    w: Any = pointer(vectors)
    u: Any = pointer(sums)
    for i in range(len(rows)):
        g: Any = pointer(buffer)
        ahead = rows[min(i + ROWS_AHEAD, last)]
        prefetch_row(w, ahead * dim, dim)
        prefetch(u, ahead)
        row = rows[i]
        rate = rates[row] if len(rates) > 0 else np.float32(1)
        if rate == 0:
            continue
        lr = np.float32(learning_rate * rate)
        _sum_(x, dim, s, c, weighted, begin, i, far, weight_decay, w, row * dim, g)
        squares: Any = splat(np.float32(0))
        for d in range(0, dim, LANES):
            squares = fma(load(g, d), load(g, d), squares)
        if dim > 0:
            sums[row] += total(squares) / np.float32(dim)
        step: Any = splat(-lr / (math.sqrt(sums[row]) + np.float32(eps)))
        for d in range(0, dim, LANES):
            place, count = row * dim + d, dim - d
            store_up_to(w, place, count, fma(step, load(g, d), load_up_to(w, place, count)))


@njit(nogil=True, cache=True, error_model="numpy")
def adam_(
    vectors: Vectors,
    first: Vectors,
    second: Vectors,
    rows: RowsOnce,
    starts: Starts,
    sources: Sources,
    coefficients: Coefficients,
    outputs: Vectors,
    rates: Rates,
    learning_rate: float,
    weight_decay: float,
    beta1: float,
    beta2: float,
    eps: float,
    step: int,
) -> None:
    """Move rows by AdamW with decoupled decay; the moments are (num_rows, dim), `step` counts from 1."""
    dim, last, weighted = outputs.shape[1], len(rows) - 1, len(coefficients) > 0
    far = starts[-1] if outputs.size > NEAR else 0
    buffer = _buffer(dim)
    x: Any = pointer(outputs)
    s: Any = pointer(sources)
    c: Any = pointer(coefficients)
    begin: Any = pointer(starts)
    w: Any = pointer(vectors)
    m: Any = pointer(first)
    v: Any = pointer(second)
    left1: Any = splat(np.float32(1 - beta1))
    kept2: Any = splat(np.float32(beta2))
    left2: Any = splat(np.float32(1 - beta2))
    root_scale: Any = splat(np.float32(1 / math.sqrt(1 - beta2**step)))
    least: Any = splat(np.float32(eps))
    for i in range(len(rows)):
        g: Any = pointer(buffer)
        ahead = rows[min(i + ROWS_AHEAD, last)]
        row = rows[i]
        rate = rates[row] if len(rates) > 0 else np.float32(1)
        if rate == 0:
            continue
        _sum_(x, dim, s, c, weighted, begin, i, far, 0.0, w, row * dim, g)
        move: Any = splat(np.float32(-learning_rate * rate / (1 - beta1**step)))
        kept: Any = splat(np.float32(1 - learning_rate * rate * weight_decay))
        for d in range(0, dim, LANES):
            place, count = row * dim + d, dim - d
            for base in (w, m, v):
                prefetch(base, ahead * dim + d)
            gradient: Any = load(g, d)
            mean: Any = load_up_to(m, place, count)
            mean = fma(left1, subtract(gradient, mean), mean)
            square: Any = multiply(kept2, load_up_to(v, place, count))
            square = fma(multiply(left2, gradient), gradient, square)
            store_up_to(m, place, count, mean)
            store_up_to(v, place, count, square)
            ratio: Any = divide(mean, fma(root_scale, square_root(square), least))
            before: Any = multiply(kept, load_up_to(w, place, count))
            store_up_to(w, place, count, fma(move, ratio, before))
