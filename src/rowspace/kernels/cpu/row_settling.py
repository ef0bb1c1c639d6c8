"""Skipped steps taken at once: the twin of ``reference.row_settling``.

A row that stands at step i moves by m * sum_n(W_n / (sqrt(v) * Q_n + E_n)) over the steps n after i, since
its moments only shrink by known factors. The terms are the same for all values of all rows that stand at i
with the same rate. Where the table of `AdamSteps` holds them already summed to a few, those are taken.

Rows that lag are gathered before they are settled, so that each has been asked for when its turn comes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float32, Int64
from numba import njit

from rowspace.arrays import RowIds, Vectors
from rowspace.kernels.cpu.adagrad import any_above, square_root
from rowspace.kernels.cpu.row_lanes import load_up_to, prefetch_row, store_up_to
from rowspace.kernels.cpu.simd import (
    LANES,
    Pointer,
    absolute,
    add,
    divide,
    fma,
    multiply,
    pointer,
    prefetch,
    splat,
    spread,
    subtract,
)
from rowspace.kernels.reference.row_settling import SCATTER, AdamSteps, LastSteps, MomentumSteps
from rowspace.kernels.reference.row_steps import Rates

REMEMBERED = 32  # steps whose terms are kept
GATHERED = 1024  # rows that are found at a time, before they are settled
ROWS_AHEAD = 3
IDS_AHEAD = 32
GONE = -80.0  # a moment multiplied by e to this is as good as zero, and slow to multiply as a denormal
_SCATTER = int(SCATTER)

Waiting = Int64[np.ndarray, "2 gathered"]  # rows, and the steps that they stand at
Terms = Float32[np.ndarray, "3 terms"]  # W, Q and E


@njit(nogil=True, cache=True)
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
    dim = vectors.shape[1]
    w: Any = pointer(vectors)
    velocity: Any = pointer(velocities)
    waiting = np.empty((2, GATHERED), np.int64)
    end = len(steps.sizes)
    place = 0
    while place < len(rows):
        place, count = _gather_(last, rows, place, steps.origin + end, ahead, share, shares, waiting)
        for each in range(count):
            next_row = waiting[0, min(each + ROWS_AHEAD, count - 1)] * dim
            prefetch_row(w, next_row, dim)
            prefetch_row(velocity, next_row, dim)
            row, start = waiting[0, each], waiting[1, each] - steps.origin
            rate = rates[row] if len(rates) else np.float32(1)
            if rate != 0:
                carried = np.float32(-rate * steps.moves[start])
                kept = _power(steps.log_kept[end] - steps.log_kept[start])
                _carry_(w, velocity, row * dim, dim, carried, kept)


@njit(nogil=True, cache=True)
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
    dim = vectors.shape[1]
    w: Any = pointer(vectors)
    m: Any = pointer(first)
    v: Any = pointer(second)
    waiting = np.empty((2, GATHERED), np.int64)
    end = len(steps.sizes)
    # Rows stand at few different steps, in no order: what a step asks for is kept for the next such row.
    known = np.full((REMEMBERED, 2), -1.0)  # the start and the rate
    width = max(steps.reach, steps.shifts.shape[1])
    terms = np.empty((REMEMBERED, 3, width), np.float32)
    table: Any = pointer(terms)
    num_terms = np.empty(REMEMBERED, np.int64)
    factors = np.empty((REMEMBERED, 3), np.float32)  # what is left of the row and of its moments
    place = 0
    while place < len(rows):
        place, count = _gather_(last, rows, place, steps.origin + end, ahead, share, shares, waiting)
        for each in range(count):
            next_row = waiting[0, min(each + ROWS_AHEAD, count - 1)] * dim
            row, start = waiting[0, each], waiting[1, each] - steps.origin
            rate = rates[row] if len(rates) else np.float32(1)
            if rate == 0:
                continue
            slot = start % REMEMBERED
            if start != known[slot, 0] or rate != known[slot, 1]:
                num_terms[slot], factors[slot, 0] = _fill_(steps, start, np.float64(rate), terms[slot])
                known[slot, 0], known[slot, 1] = start, rate
                factors[slot, 1] = _power(steps.log_first[end] - steps.log_first[start])
                factors[slot, 2] = steps.beta2 ** (end - start)
            kept, shrunk, shrunk_square = factors[slot, 0], factors[slot, 1], factors[slot, 2]
            begin = slot * 3 * width
            _move_(
                w,
                m,
                v,
                row * dim,
                next_row,
                dim,
                table,
                begin,
                width,
                num_terms[slot],
                kept,
                shrunk,
                shrunk_square,
            )


@njit(nogil=True, cache=True)
def _gather_(
    last: LastSteps,
    rows: RowIds,
    place: int,
    present: int,
    ahead: int,
    share: int,
    shares: int,
    waiting: Waiting,
) -> tuple[int, int]:
    """Take from rows[place:] those of this share that stand before the present, and mark all as settled.

    Returns where to go on and how many there are.
    """
    stands: Any = pointer(last)
    count = 0
    while place < len(rows) and count < GATHERED:
        prefetch(stands, rows[min(place + IDS_AHEAD, len(rows) - 1)])
        row = rows[place]
        place += 1
        mine = ((row & 0xFFFFFFFF) * _SCATTER & 0xFFFFFFFF) * shares >> 32 == share
        if mine and 0 <= row < len(last):
            start = last[row]
            waiting[0, count], waiting[1, count] = row, start  # the next one overwrites them if this is none
            count += start < present
            last[row] = max(start, present + ahead)
    return place, count


@njit(nogil=True, cache=True)
def _fill_(steps: AdamSteps, start: int, rate: float, terms: Terms) -> tuple[int, float]:
    """Write the terms of rows that stand at `start`; return their number and what decay leaves of the row."""
    end = len(steps.sizes)
    stop, decay = min(end, start + steps.reach), steps.decay_powers
    nodes = steps.shifts.shape[1]
    same_decay = rate == 1 or decay[end, 0] == decay[start, 0]  # as in the table, but for a factor
    if stop - start > nodes and start >= steps.tabled_from and same_decay:
        later = rate * np.exp(_log_left(decay, stop, end, rate))
        for node in range(nodes):
            terms[0, node] = later * steps.moves[start, node]
            terms[1, node] = 1
            terms[2, node] = steps.shifts[start, node]
        return nodes, np.exp(_log_left(decay, start, end, rate))
    power, root = rate, 1.0
    for n in range(start, stop):
        power *= steps.betas[n]
        root *= np.sqrt(steps.beta2)
        terms[0, n - start] = steps.sizes[n] * power
        terms[1, n - start] = root
        terms[2, n - start] = steps.eps * steps.dampings[n]
    left = np.exp(_log_left(decay, stop, end, rate))
    for n in range(stop - 1, start - 1, -1):
        terms[0, n - start] *= left
        left *= 1 - rate * steps.decays[n]
    return stop - start, left


@njit(nogil=True, cache=True)
def _log_left(powers: Any, start: int, end: int, rate: float) -> float:
    """The logarithm of the product of 1 - rate * decay over the steps from start to end.

    With z = -log(1 - decay), log(1 - rate * decay) is the cumulant generating function of a coin that shows
    1 with probability `rate`, at -z. Four cumulants are exact for rates 0 and 1.
    """
    if rate == 1:
        return float(powers[start, 0] - powers[end, 0])
    spread = rate * (1 - rate)
    cumulants = rate, spread, spread * (1 - 2 * rate), spread * (1 - 6 * spread)
    result, factor = 0.0, 1.0
    for order in range(4):
        factor /= -(order + 1)
        result += factor * cumulants[order] * (powers[end, order] - powers[start, order])
    return result


@njit(nogil=True, cache=True)
def _power(logarithm: float) -> np.float32:
    """E to `logarithm`, and plain zero where that is as good."""
    return np.float32(np.exp(logarithm)) if logarithm > GONE else np.float32(0)


@njit(nogil=True, cache=True)
def _carry_(
    w: Pointer, velocity: Pointer, begin: int, dim: int, carried: np.float32, kept: np.float32
) -> None:
    """Add `carried` times its velocity to a row; keep `kept` of the velocity."""
    for panel in range(0, dim, LANES):
        place, rest = begin + panel, dim - panel
        before = load_up_to(velocity, place, rest)
        store_up_to(w, place, rest, fma(splat(carried), before, load_up_to(w, place, rest)))
        store_up_to(velocity, place, rest, multiply(splat(kept), before))


@njit(nogil=True, cache=True)
def _move_(
    w: Pointer,
    m: Pointer,
    v: Pointer,
    begin: int,
    next_row: int,
    dim: int,
    terms: Pointer,
    first_term: int,
    width: int,
    num_terms: int,
    kept: np.float32,
    shrunk: np.float32,
    shrunk_square: np.float32,
) -> None:
    """Move a row by its moments, all terms at once, and let the moments shrink.

    Three tables of `width` lie end to end from first_term on: W, Q and E.
    """
    for panel in range(0, dim, LANES):
        place, rest = begin + panel, dim - panel
        for base in (w, m, v):
            prefetch(base, next_row + panel)
        left = multiply(splat(kept), load_up_to(w, place, rest))
        moment = load_up_to(m, place, rest)
        square = load_up_to(v, place, rest)
        if any_above(absolute(moment), np.float32(0)):
            root = square_root(square)
            total = splat(np.float32(0))
            for n in range(first_term, first_term + num_terms):
                below = fma(root, spread(terms, n + width), spread(terms, n + 2 * width))
                total = add(total, divide(spread(terms, n), below))
            left = subtract(left, multiply(moment, total))
            store_up_to(m, place, rest, multiply(splat(shrunk), moment))
        if any_above(square, np.float32(0)):
            store_up_to(v, place, rest, multiply(splat(shrunk_square), square))
        store_up_to(w, place, rest, left)
