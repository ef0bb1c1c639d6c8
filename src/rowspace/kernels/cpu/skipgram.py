"""Skip-gram with negative sampling in Numba: kernels/reference/skipgram.py says what it computes.

Threads may run `skipgram_` at the same time on the same matrices without locks (Hogwild, Recht et
al. 2011): two threads that meet in a row may lose one of the two additions. Rows are many and
updates small, so the quality does not suffer; one thread alone gives the same bits every time.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Int32, UInt32
from numba import njit

from rowspace.arrays import END, Stream, Vectors
from rowspace.kernels.cpu.random_bits import random_bits
from rowspace.kernels.cpu.simd import (
    LANES, add, clamp, divide, exponent, fma, iota, is_between, load, mantissa, multiply, power_of_two,
    prefetch, round_even, splat, spread, store, subtract, total, transpose,
)
from rowspace.kernels.cpu.tiles import TILE, add_products_, logits_
from rowspace.kernels.reference.skipgram import LARGEST_LOGIT, num_rounds

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_NOWHERE = np.float32(3e8)


def skipgram_(
    center: Vectors,
    context: Vectors,
    ids: Stream,
    keep: UInt32[np.ndarray, "rows"],
    noise_threshold: UInt32[np.ndarray, "rows"],
    noise_alias: Int32[np.ndarray, "rows"],
    *,
    window: int,
    negatives: int,
    learning_rate: float,
    seed: int,
    position: int,
) -> tuple[float, float]:
    """Train `center` and `context` in place on a span; return the summed loss and the pairs."""
    rows = np.empty(len(ids) + LANES, np.int32)
    positions = np.empty(len(ids) + LANES, np.int64)
    first = np.empty(len(ids) + LANES, np.float32)
    last = np.empty(len(ids) + LANES, np.float32)
    kept = _keep_tokens(ids, keep, window, np.uint64(seed), position, rows, positions, first, last)
    return _train(
        center.reshape(-1), context.reshape(-1), center.shape[1], rows, positions, first, last, kept,
        noise_threshold, noise_alias, window, num_rounds(window, negatives), np.float32(negatives),
        np.float32(learning_rate), np.uint64(seed),
    )


@njit(nogil=True, cache=True)
def _keep_tokens(ids, keep, window, seed, position, rows, positions, first, last):
    """Compact the kept tokens and give each its window; sixteen empty lanes close the arrays."""
    kept = 0
    opened = 0
    for place in range(len(ids)):
        row = ids[place]
        if row == END:
            for i in range(opened, kept):
                last[i] = min(last[i], np.float32(kept - 1))
            opened = kept
            continue
        bits = random_bits(seed, np.uint64(position + place))
        if (bits & _LOW) <= keep[row]:
            reach = 1 + np.int64(((bits >> _HALF) * np.uint64(window)) >> _HALF)
            rows[kept] = row
            positions[kept] = position + place
            first[kept] = max(opened, kept - reach)
            last[kept] = kept + reach
            kept += 1
    for i in range(opened, kept):
        last[i] = min(last[i], np.float32(kept - 1))
    for i in range(kept, kept + LANES):
        rows[i] = 0
        first[i] = _NOWHERE
        last[i] = -_NOWHERE
    return kept


@njit(nogil=True, cache=True)
def _train(
    center, context, stride, rows, positions, first, last, kept, threshold, alias, window, rounds,
    negatives, learning_rate, seed,
):
    most = LANES + (LANES + 2 * window) // rounds + 1 + TILE
    x = np.empty(LANES * stride, np.float32)
    transposed = np.empty(LANES * stride, np.float32)
    x_places = np.arange(LANES) * stride
    x_rows = np.empty(LANES, np.int64)
    outputs = np.zeros(most, np.int64)
    drawn = np.empty(LANES, np.int32)
    gradient = np.empty(most * LANES, np.float32)
    times = np.empty(most * LANES, np.float32)
    share = negatives / np.float32(LANES * rounds)
    loss = 0.0
    pairs = 0.0
    for start in range(0, kept, LANES):
        low = kept
        high = 0
        for b in range(LANES):
            x_rows[b] = np.int64(rows[start + b]) * stride
            low = min(low, np.int64(min(first[start + b], np.float32(kept))))
            high = max(high, np.int64(max(last[start + b], np.float32(0))))
        lane_pairs = splat(np.float32(0))
        for p in range(low, high + 1):
            lane_pairs = add(lane_pairs, _inside(first, last, start, p))
        pairs += total(lane_pairs)
        for turn in range(rounds):
            _draw(threshold, alias, seed, np.uint64(positions[start] * rounds + turn), drawn)
            for b in range(LANES):
                _copy(center, x_rows[b], x, b * stride, stride)
            for panel in range(0, stride, LANES):
                transpose(x, panel, stride, transposed, panel * LANES)
            loss += _round(
                center, context, stride, rows, first, last, start, low, high, turn, rounds, drawn, share,
                learning_rate, lane_pairs, x, transposed, x_places, x_rows, outputs, gradient, times, window,
            )
    return loss, pairs


@njit(nogil=True, cache=True)
def _copy(source, start, target, place, length):
    for panel in range(0, length, LANES):
        store(target, place + panel, load(source, start + panel))


@njit(nogil=True, cache=True)
def _inside(first, last, start, p):
    """One in the lanes whose window holds token p, without the lane's own token."""
    here = splat(np.float32(p))
    own = add(iota(), splat(np.float32(start)))
    return subtract(is_between(here, load(first, start), load(last, start)), is_between(here, own, own))


@njit(nogil=True, cache=True)
def _draw(threshold, alias, seed, counter, drawn):
    size = np.uint64(len(threshold))
    for n in range(LANES):
        bits = random_bits(seed ^ _ALL, counter * np.uint64(LANES) + np.uint64(n))
        place = np.int64(((bits >> _HALF) * size) >> _HALF)
        if (bits & _LOW) <= threshold[place]:
            drawn[n] = place
        else:
            drawn[n] = alias[place]


@njit(nogil=True, cache=True)
def _round(
    center, context, stride, rows, first, last, start, low, high, turn, rounds, drawn, share,
    learning_rate, lane_pairs, x, transposed, x_places, x_rows, outputs, gradient, times, window,
):
    # Output rows are the context rows in order, with the negatives after those that only the lower
    # eight centers reach; so each half of the centers meets one unbroken run of output rows.
    count = 0
    negative = -1
    lower_end = 0
    for p in range(low + (turn - low) % rounds, high + 1, rounds):
        if negative < 0 and p >= start + TILE - window:
            negative = count
            count += LANES
        outputs[count] = np.int64(rows[p]) * stride
        store(times, count * LANES, _inside(first, last, start, p))
        count += 1
        if p < start + TILE + window:
            lower_end = count
    if negative < 0:
        negative = count
        count += LANES
    lower_end = max(lower_end, negative + LANES)
    _noise(rows, first, last, start, low, high, drawn, share, lane_pairs, negative, times)
    for n in range(LANES):
        outputs[negative + n] = np.int64(drawn[n]) * stride
    tiles = (count + TILE - 1) // TILE
    for j in range(count, tiles * TILE):
        outputs[j] = outputs[0]
        store(times, j * LANES, splat(np.float32(0)))

    for tile in range(tiles):
        logits_(context, outputs, tile * TILE, transposed, stride, gradient)
    loss = 0.0
    for j in range(tiles * TILE):
        sign = np.float32(-1) if negative <= j < negative + LANES else np.float32(1)
        loss += _gradient(gradient, times, j * LANES, sign, learning_rate)
    for panel in range(0, stride, LANES):
        add_products_(center, x_rows, 0, gradient, 0, 1, LANES, context, outputs, 0, lower_end, panel)
        add_products_(center, x_rows, TILE, gradient, TILE, 1, LANES, context, outputs, negative, count, panel)
    for tile in range(0, tiles * TILE, TILE):
        for panel in range(0, stride, LANES):
            add_products_(context, outputs, tile, gradient, tile * LANES, LANES, 1, x, x_places, 0, LANES, panel)
    return loss


@njit(nogil=True, cache=True)
def _noise(rows, first, last, start, low, high, drawn, share, lane_pairs, negative, times):
    """How often each center meets each negative: its pairs but those whose context row it is."""
    for n in range(LANES):
        often = lane_pairs
        same = 0
        for p in range(low, high + 1):
            same += rows[p] == drawn[n]
        if same > 0:
            for p in range(low, high + 1):
                if rows[p] == drawn[n]:
                    often = subtract(often, _inside(first, last, start, p))
        store(times, (negative + n) * LANES, multiply(often, splat(share)))


@njit(nogil=True, cache=True)
def _gradient(logits, times, place, sign, learning_rate):
    """Turn sixteen logits into gradients in place; return their loss, sum of times * log(1 + exp(-q)).

    With q = sign * logit and t = exp(-q), the gradient is sign * rate * times * t / (1 + t).
    """
    minus_q = multiply(clamp(load(logits, place), np.float32(LARGEST_LOGIT)), splat(-sign))
    often = load(times, place)
    odds = _exp(minus_q)
    whole = add(splat(np.float32(1)), odds)
    store(logits, place, multiply(multiply(often, splat(sign * learning_rate)), divide(odds, whole)))
    return np.float64(total(multiply(often, _log(whole))))


@njit(nogil=True, cache=True)
def _exp(x):
    """exp of each lane, |x| <= 30: 2**whole * exp(rest), a Taylor polynomial on |rest| <= ln(2) / 2."""
    whole = round_even(multiply(x, splat(np.float32(1.4426950408889634))))
    rest = fma(whole, splat(np.float32(-0.693359375)), x)
    rest = fma(whole, splat(np.float32(2.12194440e-4)), rest)
    y = splat(np.float32(1 / 720))
    y = fma(y, rest, splat(np.float32(1 / 120)))
    y = fma(y, rest, splat(np.float32(1 / 24)))
    y = fma(y, rest, splat(np.float32(1 / 6)))
    y = fma(y, rest, splat(np.float32(1 / 2)))
    y = fma(y, rest, splat(np.float32(1)))
    y = fma(y, rest, splat(np.float32(1)))
    return multiply(y, power_of_two(whole))


@njit(nogil=True, cache=True)
def _log(x):
    """log of each lane, x >= 1: with s = (m - 1) / (m + 1), log m = 2 (s + s**3 / 3 + s**5 / 5 + ...)."""
    power = exponent(x)
    m = mantissa(x)
    one = splat(np.float32(1))
    s = divide(subtract(m, one), add(m, one))
    square = multiply(s, s)
    y = splat(np.float32(2 / 11))
    y = fma(y, square, splat(np.float32(2 / 9)))
    y = fma(y, square, splat(np.float32(2 / 7)))
    y = fma(y, square, splat(np.float32(2 / 5)))
    y = fma(y, square, splat(np.float32(2 / 3)))
    y = fma(y, square, splat(np.float32(2)))
    return fma(power, splat(np.float32(0.6931471805599453)), multiply(y, s))
