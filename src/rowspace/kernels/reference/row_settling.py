"""What an optimizer's skipped steps do to a row: momentum carries it on, decay pulls it in.

A dense optimizer moves every row in every step. Ours moves the rows that received a gradient and keeps in
`last` the step that each row stands at; a row that is needed later is brought to the present by the steps
between, all of which had a gradient of zero. This file takes them one by one, in float64, and is what the
fast kernels must equal; they take them at once, from sums over steps (`AdamSteps.moves`).

`rows` may hold a row more than once. Threads share the work by rows, not by slices: thread `share` of
`shares` settles the rows that `owner` gives to it, and passes over the others. Ids that are no row are
passed over as well. All rows asked for are then written down in `last` as standing `ahead` steps past the
present: 1 says that the caller is about to step them himself. `rates` float32 (num_rows,), or of length 0
where all are one, multiply the learning rate of each row in all of the skipped steps; rate 0 leaves a row
and its moments as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64, Int64

from rowspace.arrays import RowIds, Vectors
from rowspace.kernels.reference.row_steps import Rates

LastSteps = Int64[np.ndarray, "num_rows"]
OfStep = Float64[np.ndarray, "steps"]  # one number for each step after `origin`
UpToStep = Float64[np.ndarray, "steps_plus_1"]  # sums up to a step; the first is of none
NodesOfStep = Float64[np.ndarray, "steps nodes"]  # for rows that stand at step `origin` + i

SCATTER = np.uint32(2654435769)  # 2**32 over the golden ratio, Knuth's multiplicative hashing


class MomentumSteps(NamedTuple):
    """The steps after `origin`, the last of which is the present."""

    origin: int
    sizes: OfStep  # learning rate, times the momentum of the step with Nesterov's look ahead
    momenta: OfStep
    log_kept: UpToStep  # the sum of the logarithms of `momenta`
    moves: OfStep  # how far the steps from i on carry a row, per unit of the velocity it had before them


class AdamSteps(NamedTuple):
    """The steps after `origin`, the last of which is the present; n counts steps from the very first.

    With m and v the moments, step n without a gradient is ``w -= decays * w`` and then
    ``w -= sizes * m / (sqrt(v) + eps * dampings)``, once m and v were multiplied by their betas.

    The last four serve the fast kernels alone. A row at step origin + i moves by
    m * sum_k(moves[i, k] / (sqrt(v) + shifts[i, k])) in the `reach` steps after, if i >= `tabled_from`.
    """

    origin: int
    beta2: float
    eps: float
    sizes: OfStep  # learning_rate * sqrt(1 - beta2**n) / (1 - beta1**n)
    dampings: OfStep  # sqrt(1 - beta2**n)
    decays: OfStep  # learning_rate * weight_decay, below 1
    betas: OfStep  # beta1, which may differ from step to step
    log_first: UpToStep  # the sum of the logarithms of `betas`
    decay_powers: Float64[np.ndarray, "steps_plus_1 powers"]  # sums of powers 1, 2 ... of -log(1 - decays)
    reach: int  # a moment moves its row for this many steps; what it does later is below float32
    tabled_from: int
    shifts: NodesOfStep
    moves: NodesOfStep


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
    """Carry rows on by their velocity: velocity *= momentum, w -= rate * size * velocity, step by step."""
    for row, start, rate in _behind(last, rows, rates, steps, share, shares, ahead):
        w, velocity = vectors[row].astype(np.float64), velocities[row].astype(np.float64)
        for n in range(start - steps.origin, len(steps.sizes) if rate else 0):
            w -= rate * steps.sizes[n] * steps.momenta[n] * velocity
            velocity *= steps.momenta[n]
        vectors[row], velocities[row] = w, velocity


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
    """Take the skipped steps of Adam with decoupled decay on vectors and moments, all (num_rows, dim)."""
    for row, start, rate in _behind(last, rows, rates, steps, share, shares, ahead):
        w, m, v = (each[row].astype(np.float64) for each in (vectors, first, second))
        for n in range(start - steps.origin, len(steps.sizes) if rate else 0):
            m *= steps.betas[n]
            v *= steps.beta2
            w -= rate * steps.decays[n] * w
            w -= rate * steps.sizes[n] * m / (np.sqrt(v) + steps.eps * steps.dampings[n])
        vectors[row], first[row], second[row] = w, m, v


def owner(row: int, shares: int) -> int:
    """The thread, in [0, shares), that works on `row`: neighboring rows fall to different threads."""
    return int(np.uint32(row & 0xFFFFFFFF) * np.uint64(SCATTER) & np.uint64(0xFFFFFFFF)) * shares >> 32


def _behind(
    last: LastSteps,
    rows: RowIds,
    rates: Rates,
    steps: MomentumSteps | AdamSteps,
    share: int,
    shares: int,
    ahead: int,
) -> Iterator[tuple[int, int, float]]:
    """Each row of this share that stands before the present, once, the step it stands at, and its rate."""
    present = steps.origin + len(steps.sizes)
    for row in rows.tolist():
        if 0 <= row < len(last) and owner(row, shares) == share:
            start, last[row] = last[row], max(last[row], present + ahead)
            if start < present:
                yield row, start, float(rates[row]) if len(rates) else 1.0
