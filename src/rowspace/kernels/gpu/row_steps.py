"""One step of an optimizer in Triton: gradients summed, rows and state moved, in one pass over memory.

A program has one row, or a block of its dimensions, and no two programs have the same: no atomics, and the
same bits in every run. Vectors and state must be contiguous. reference/row_steps.py has the formulas.
"""

from __future__ import annotations

import math
from typing import Any

import triton
import triton.language as tl
from jaxtyping import Float32, Int64
from torch import Tensor

from rowspace.kernels.gpu.entries import (
    ARITHMETIC,
    Coefficients,
    Entries,
    Sources,
    Starts,
    Vectors,
    add,
    entries_of,
    sum_of_segment,
    tile_for,
)

RowsOnce = Int64[Tensor, "distinct"]  # ascending, none twice
Rates = Float32[Tensor, "num_rows"]  # or of length 0
RowValues = Float32[Tensor, "num_rows"]


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
    entries = entries_of(starts, sources, coefficients, outputs)
    _launch(_sgd, vectors, rows, entries, rates, (float(learning_rate), weight_decay or None))


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
    entries = entries_of(starts, sources, coefficients, outputs)
    numbers = (float(learning_rate), weight_decay or None, float(momentum), nesterov)
    _launch(_momentum, vectors, rows, entries, rates, (*numbers, velocities))


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
    """Move rows by AdaGrad: sums += g**2, w -= learning_rate * g / (sqrt(sums) + eps)."""
    entries = entries_of(starts, sources, coefficients, outputs)
    numbers = (float(learning_rate), weight_decay or None, float(eps))
    _launch(_adagrad, vectors, rows, entries, rates, (*numbers, sums))


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
    """Move rows by AdaGrad with one sum a row, to which the mean of g**2 is added; sums (num_rows,).

    A program holds all of a row, so dim may not pass 2**20.
    """
    entries = entries_of(starts, sources, coefficients, outputs)
    numbers = (float(learning_rate), weight_decay or None, float(eps))
    _launch(_rowwise_adagrad, vectors, rows, entries, rates, (*numbers, sums), whole=True)


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
    entries = entries_of(starts, sources, coefficients, outputs)
    # What depends on the step alone is computed here, in float64.
    rate, decay = learning_rate / (1 - beta1**step), learning_rate * weight_decay
    numbers = (
        rate,
        float(decay),
        1.0 - beta1,
        float(beta2),
        1.0 - beta2,
        math.sqrt(1 - beta2**step),
        float(eps),
    )
    _launch(_adam, vectors, rows, entries, rates, (*numbers, first, second))


def _launch(
    kernel: Any,
    vectors: Vectors,
    rows: RowsOnce,
    entries: Entries,
    rates: Rates,
    arguments: tuple[Any, ...],
    *,
    whole: bool = False,
) -> None:
    """Run `kernel` on every row; rates and decay that are None cost nothing in the compiled kernel."""
    dim = vectors.shape[1]
    if not len(rows) or not dim:
        return
    tile = tile_for(dim, whole=whole)
    kernel[tile.grid(len(rows), dim)](
        vectors,
        rows.contiguous(),
        entries,
        rates.contiguous() if len(rates) else None,
        dim,
        *arguments,
        tile.entries,
        tile.dim,
        num_warps=tile.warps,
        **ARITHMETIC,
    )


@triton.jit
def _row_of_program(
    rows: tl.tensor, rates: tl.tensor, dim: tl.tensor, block_dim: tl.constexpr
) -> tuple[tl.tensor, tl.tensor, tl.tensor, tl.tensor]:
    """The row of this program, its dimensions, which of them it moves, and the row's rate."""
    row = tl.load(rows + tl.program_id(0))
    dims = tl.program_id(1) * block_dim + tl.arange(0, block_dim)
    rate = tl.full((), 1, tl.float32)
    if rates is not None:
        rate = tl.load(rates + row)
    return row, dims, dims < tl.where(rate != 0, dim, 0), rate


@triton.jit
def _sgd(
    vectors: tl.tensor,
    rows: tl.tensor,
    entries: tl.tuple,
    rates: tl.tensor,
    dim: tl.tensor,
    learning_rate: tl.tensor,
    weight_decay: tl.tensor,
    block_entries: tl.constexpr,
    block_dim: tl.constexpr,
) -> None:
    row, dims, moves, rate = _row_of_program(rows, rates, dim, block_dim)
    g = sum_of_segment(tl.program_id(0), entries, dims, dim, block_entries, block_dim)
    at = row * dim + dims
    w = tl.load(vectors + at, mask=moves)
    if weight_decay is not None:
        g += weight_decay * w
    tl.store(vectors + at, w - learning_rate * rate * g, mask=moves)


@triton.jit
def _momentum(
    vectors: tl.tensor,
    rows: tl.tensor,
    entries: tl.tuple,
    rates: tl.tensor,
    dim: tl.tensor,
    learning_rate: tl.tensor,
    weight_decay: tl.tensor,
    momentum: tl.tensor,
    nesterov: tl.constexpr,
    velocities: tl.tensor,
    block_entries: tl.constexpr,
    block_dim: tl.constexpr,
) -> None:
    row, dims, moves, rate = _row_of_program(rows, rates, dim, block_dim)
    g = sum_of_segment(tl.program_id(0), entries, dims, dim, block_entries, block_dim)
    at = row * dim + dims
    w = tl.load(vectors + at, mask=moves)
    if weight_decay is not None:
        g += weight_decay * w
    velocity = momentum * tl.load(velocities + at, mask=moves) + g
    tl.store(velocities + at, velocity, mask=moves)
    if nesterov:
        velocity = g + momentum * velocity
    tl.store(vectors + at, w - learning_rate * rate * velocity, mask=moves)


@triton.jit
def _adagrad(
    vectors: tl.tensor,
    rows: tl.tensor,
    entries: tl.tuple,
    rates: tl.tensor,
    dim: tl.tensor,
    learning_rate: tl.tensor,
    weight_decay: tl.tensor,
    eps: tl.tensor,
    sums: tl.tensor,
    block_entries: tl.constexpr,
    block_dim: tl.constexpr,
) -> None:
    row, dims, moves, rate = _row_of_program(rows, rates, dim, block_dim)
    g = sum_of_segment(tl.program_id(0), entries, dims, dim, block_entries, block_dim)
    at = row * dim + dims
    w = tl.load(vectors + at, mask=moves)
    if weight_decay is not None:
        g += weight_decay * w
    total = tl.load(sums + at, mask=moves) + g * g
    tl.store(sums + at, total, mask=moves)
    step = tl.div_rn(learning_rate * rate * g, tl.sqrt_rn(total) + eps)
    tl.store(vectors + at, w - step, mask=moves)


@triton.jit
def _rowwise_adagrad(
    vectors: tl.tensor,
    rows: tl.tensor,
    entries: tl.tuple,
    rates: tl.tensor,
    dim: tl.tensor,
    learning_rate: tl.tensor,
    weight_decay: tl.tensor,
    eps: tl.tensor,
    sums: tl.tensor,
    block_entries: tl.constexpr,
    block_dim: tl.constexpr,
) -> None:
    row, dims, moves, rate = _row_of_program(rows, rates, dim, block_dim)
    g = sum_of_segment(tl.program_id(0), entries, dims, dim, block_entries, block_dim)
    at = row * dim + dims
    w = tl.load(vectors + at, mask=moves, other=0.0)
    if weight_decay is not None:
        g += weight_decay * w
    total = tl.load(sums + row) + tl.reduce(g * g, 0, add) / dim
    if rate != 0:
        tl.store(sums + row, total)
    scale = tl.div_rn(learning_rate * rate, tl.sqrt_rn(total) + eps)
    tl.store(vectors + at, w - scale * g, mask=moves)


@triton.jit
def _adam(
    vectors: tl.tensor,
    rows: tl.tensor,
    entries: tl.tuple,
    rates: tl.tensor,
    dim: tl.tensor,
    learning_rate: tl.tensor,
    decay: tl.tensor,
    gain1: tl.tensor,
    beta2: tl.tensor,
    gain2: tl.tensor,
    bias2: tl.tensor,
    eps: tl.tensor,
    first: tl.tensor,
    second: tl.tensor,
    block_entries: tl.constexpr,
    block_dim: tl.constexpr,
) -> None:
    row, dims, moves, rate = _row_of_program(rows, rates, dim, block_dim)
    g = sum_of_segment(tl.program_id(0), entries, dims, dim, block_entries, block_dim)
    at = row * dim + dims
    w = tl.load(vectors + at, mask=moves) * (1.0 - decay * rate)
    m = tl.load(first + at, mask=moves)
    m += gain1 * (g - m)
    v = beta2 * tl.load(second + at, mask=moves) + gain2 * g * g
    tl.store(first + at, m, mask=moves)
    tl.store(second + at, v, mask=moves)
    root = tl.div_rn(tl.sqrt_rn(v), bias2) + eps
    tl.store(vectors + at, w - learning_rate * rate * tl.div_rn(m, root), mask=moves)
