"""Skipped steps taken at once in Triton; the formulas are those of cpu/row_settling.py.

A row may be asked for more than once. The program that is first to move its entry of `last` to the present
settles it, the others pass over it; what it writes does not depend on which one that is.

The history of steps lives on the host and travels with each call: at most 20 numbers a step, so it should
be kept to a few thousand steps. The sums over them are in float64, vectors and moments in float32.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import torch
import triton
import triton.language as tl
from jaxtyping import Float64, Int64
from torch import Tensor

from rowspace.kernels.gpu.entries import ARITHMETIC, Vectors, tile_for
from rowspace.kernels.gpu.row_steps import Rates
from rowspace.kernels.reference.row_settling import SCATTER, AdamSteps, MomentumSteps

RowIds = Int64[Tensor, "n"]
LastSteps = Int64[Tensor, "num_rows"]

FACTOR = tl.constexpr(int(SCATTER))
LOW_HALF = tl.constexpr(0xFFFFFFFF)


class AdamHistory(NamedTuple):
    """What the kernel reads of AdamSteps, on the device of the rows."""

    settings: Float64[Tensor, "3"]  # log(beta2), sqrt(beta2), eps
    sizes: Float64[Tensor, "steps"]
    dampings: Float64[Tensor, "steps"]
    decays: Float64[Tensor, "steps"]
    betas: Float64[Tensor, "steps"]
    log_first: Float64[Tensor, "steps_plus_1"]
    decay_powers: Float64[Tensor, "steps_plus_1_times_4"]
    shifts: Float64[Tensor, "steps_times_nodes"]
    moves: Float64[Tensor, "steps_times_nodes"]


def settle_momentum_(
    vectors: Vectors,
    velocities: Vectors,
    last: LastSteps,
    rows: RowIds,
    rates: Rates,
    steps: MomentumSteps,
    share: int,
    shares: int,
    ahead: int = 0,
) -> None:
    """Carry rows on by their velocity over all steps that each has skipped."""
    if not len(rows):
        return
    tile, factors = tile_for(vectors.shape[1]), rates.contiguous() if len(rates) else None
    log_kept, moves = _sent(vectors.device, steps.log_kept, steps.moves)
    _settle_momentum[(len(rows),)](
        vectors, velocities, last, rows.contiguous(), factors, log_kept, moves, vectors.shape[1],
        steps.origin, len(steps.sizes), len(last), share, shares, ahead, tile.dim, num_warps=1, **ARITHMETIC,
    )  # fmt: skip


def settle_adam_(
    vectors: Vectors,
    first: Vectors,
    second: Vectors,
    last: LastSteps,
    rows: RowIds,
    rates: Rates,
    steps: AdamSteps,
    share: int,
    shares: int,
    ahead: int = 0,
) -> None:
    """Take all steps of Adam with decoupled decay that each row has skipped."""
    if not len(rows):
        return
    tile, factors = tile_for(vectors.shape[1]), rates.contiguous() if len(rates) else None
    log_beta2 = math.log(steps.beta2) if steps.beta2 else -math.inf
    settings = np.array([log_beta2, math.sqrt(steps.beta2), steps.eps])
    history = AdamHistory(
        *_sent(vectors.device, settings, *(getattr(steps, each) for each in AdamHistory._fields[1:]))
    )
    _settle_adam[(len(rows),)](
        vectors, first, second, last, rows.contiguous(), factors, history, vectors.shape[1],
        steps.origin, len(steps.sizes), len(last), steps.reach, steps.tabled_from, steps.shifts.shape[1],
        share, shares, ahead, tile.dim, num_warps=1, **ARITHMETIC,
    )  # fmt: skip


def _sent(device: torch.device, *arrays: np.ndarray[Any, Any]) -> tuple[Tensor, ...]:
    """The arrays, flat, on `device`: one copy takes them all."""
    flat = [each.reshape(-1) for each in arrays]
    together = torch.from_numpy(np.concatenate(flat)).to(device)
    return together.split([len(each) for each in flat])


@triton.jit
def _claim(
    last: tl.tensor,
    rows: tl.tensor,
    origin: tl.tensor,
    end: tl.tensor,
    num_rows: tl.tensor,
    share: tl.tensor,
    shares: tl.tensor,
    ahead: tl.tensor,
) -> tuple[tl.tensor, tl.tensor]:
    """The row of this program and the step after the origin that it stands at, `end` if it has none."""
    row = tl.load(rows + tl.program_id(0))
    start = tl.full((), 0, tl.int64) + end
    mine = (((row & LOW_HALF) * FACTOR) & LOW_HALF) * shares >> 32 == share
    if (row >= 0) & (row < num_rows) & mine:
        present = tl.full((), 0, tl.int64) + origin + end
        start = tl.minimum(tl.atomic_max(last + row, present + ahead), present) - origin
    return row, start


@triton.jit
def _rate_of(rates: tl.tensor, row: tl.tensor) -> tl.tensor:
    rate = tl.full((), 1, tl.float64)
    if rates is not None:
        rate = tl.load(rates + row).to(tl.float64)
    return rate


@triton.jit(do_not_specialize=["origin", "end"])
def _settle_momentum(
    vectors: tl.tensor,
    velocities: tl.tensor,
    last: tl.tensor,
    rows: tl.tensor,
    rates: tl.tensor,
    log_kept: tl.tensor,
    moves: tl.tensor,
    dim: tl.tensor,
    origin: tl.tensor,
    end: tl.tensor,
    num_rows: tl.tensor,
    share: tl.tensor,
    shares: tl.tensor,
    ahead: tl.tensor,
    block_dim: tl.constexpr,
) -> None:
    row, start = _claim(last, rows, origin, end, num_rows, share, shares, ahead)
    if start < end:
        rate = _rate_of(rates, row)
        if rate != 0:
            carried = (rate * tl.load(moves + start)).to(tl.float32)
            kept = tl.exp(tl.load(log_kept + end) - tl.load(log_kept + start)).to(tl.float32)
            for begin in range(0, dim, block_dim):
                dims = begin + tl.arange(0, block_dim)
                at, inside = row * dim + dims, dims < dim
                velocity = tl.load(velocities + at, mask=inside)
                w = tl.load(vectors + at, mask=inside)
                tl.store(vectors + at, w - carried * velocity, mask=inside)
                tl.store(velocities + at, kept * velocity, mask=inside)


@triton.jit(do_not_specialize=["origin", "end"])
def _settle_adam(
    vectors: tl.tensor,
    first: tl.tensor,
    second: tl.tensor,
    last: tl.tensor,
    rows: tl.tensor,
    rates: tl.tensor,
    history: tl.tuple,
    dim: tl.tensor,
    origin: tl.tensor,
    end: tl.tensor,
    num_rows: tl.tensor,
    reach: tl.tensor,
    tabled_from: tl.tensor,
    nodes: tl.tensor,
    share: tl.tensor,
    shares: tl.tensor,
    ahead: tl.tensor,
    block_dim: tl.constexpr,
) -> None:
    row, start = _claim(last, rows, origin, end, num_rows, share, shares, ahead)
    if start < end:
        rate = _rate_of(rates, row)
        if rate != 0:
            stop = tl.minimum(start + reach, end)
            log_shrunk = tl.load(history.log_first + end) - tl.load(history.log_first + start)
            shrunk = tl.exp(log_shrunk).to(tl.float32)
            shrunk_square = tl.exp((end - start).to(tl.float64) * tl.load(history.settings)).to(tl.float32)
            kept = tl.exp(_log_left(history.decay_powers, start, end, rate)).to(tl.float32)
            later = tl.exp(_log_left(history.decay_powers, stop, end, rate)).to(tl.float32)
            decay = tl.load(history.decay_powers + end * 4) - tl.load(history.decay_powers + start * 4)
            tabled = (stop - start > nodes) & (start >= tabled_from) & ((rate == 1) | (decay == 0))
            for begin in range(0, dim, block_dim):
                dims = begin + tl.arange(0, block_dim)
                at, inside = row * dim + dims, dims < dim
                w = tl.load(vectors + at, mask=inside, other=0.0)
                m = tl.load(first + at, mask=inside, other=0.0)
                v = tl.load(second + at, mask=inside, other=0.0)
                if tabled:
                    total = _sum_of_table(tl.sqrt_rn(v), history, start, nodes) * rate.to(tl.float32)
                else:
                    total = _sum_of_steps(tl.sqrt_rn(v), history, start, stop, rate)
                # Without a moment there is no move, though the sum may be infinite for want of an eps.
                move = tl.where(m == 0, 0.0, m * later * total)
                tl.store(vectors + at, kept * w - move, mask=inside)
                tl.store(first + at, shrunk * m, mask=inside)
                tl.store(second + at, shrunk_square * v, mask=inside)


@triton.jit
def _sum_of_table(root: tl.tensor, history: tl.tuple, start: tl.tensor, nodes: tl.tensor) -> tl.tensor:
    """The move that a moment of one makes in the `reach` steps after `start`, from the table."""
    total = root * 0
    for node in range(start * nodes, start * nodes + nodes):
        shift = tl.load(history.shifts + node).to(tl.float32)
        total += tl.div_rn(tl.load(history.moves + node).to(tl.float32), root + shift)
    return total


@triton.jit
def _sum_of_steps(
    root: tl.tensor, history: tl.tuple, start: tl.tensor, stop: tl.tensor, rate: tl.tensor
) -> tl.tensor:
    """The move that a moment of one makes from `start` to `stop`, step by step."""
    sqrt_beta2 = tl.load(history.settings + 1)
    eps = tl.load(history.settings + 2)
    total = root * 0
    power, shrunk_root = rate, rate * 0 + 1
    for n in range(start, stop):
        power *= tl.load(history.betas + n)
        shrunk_root *= sqrt_beta2
        left = 1 - rate * tl.load(history.decays + n)
        size = (power * tl.load(history.sizes + n)).to(tl.float32)
        shift = (eps * tl.load(history.dampings + n)).to(tl.float32)
        total = total * left.to(tl.float32) + tl.div_rn(size, root * shrunk_root.to(tl.float32) + shift)
    return total


@triton.jit
def _log_left(powers: tl.tensor, start: tl.tensor, end: tl.tensor, rate: tl.tensor) -> tl.tensor:
    """The logarithm of the product of 1 - rate * decay over the steps from start to end: four cumulants."""
    spread = rate * (1 - rate)
    first, last = powers + start * 4, powers + end * 4
    result = -rate * (tl.load(last) - tl.load(first))
    result += spread / 2 * (tl.load(last + 1) - tl.load(first + 1))
    result -= spread * (1 - 2 * rate) / 6 * (tl.load(last + 2) - tl.load(first + 2))
    return result + spread * (1 - 6 * spread) / 24 * (tl.load(last + 3) - tl.load(first + 3))
