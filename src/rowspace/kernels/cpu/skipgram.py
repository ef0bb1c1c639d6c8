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
    LANES, absolute, add, clamp, divide, exponent, fma, holds, iota, is_between, load, mantissa, multiply, pointer, power_of_two,
    prefetch, round_even, shifted, splat, store, subtract, total, transpose,
)
from rowspace.kernels.cpu.tiles import TILE, add_products_, logits_
from rowspace.kernels.reference.skipgram import LARGEST_LOGIT, NEGATIVES, num_rounds

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
HALF = LANES // 2
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
    """Train `center` and `context` in place on a span; return the summed loss and the pairs' weight."""
    rows = np.empty(len(ids) + LANES, np.int32)
    positions = np.empty(len(ids) + LANES, np.int64)
    first = np.empty(len(ids) + LANES, np.float32)
    last = np.empty(len(ids) + LANES, np.float32)
    kept = _keep_tokens(ids, keep, np.uint64(seed), position, rows, positions, first, last)
    stride, rounds = center.shape[1], num_rounds(window, negatives)
    most = NEGATIVES + (LANES + 2 * window) // rounds + 1 + TILE
    return _train(
        center.reshape(-1), context.reshape(-1), stride, rows, positions, first, last, kept,
        noise_threshold, noise_alias, window, rounds, np.float32(negatives), np.float32(learning_rate),
        np.uint64(seed), np.empty((2, LANES * stride), np.float32), np.empty((2, LANES), np.int64),
        np.empty(most, np.int64), np.empty((2, NEGATIVES), np.int32), np.empty((2, most * LANES), np.float32),
    )


@njit(nogil=True, cache=True)
def _keep_tokens(ids, keep, seed, position, rows, positions, first, last):
    """Compact the kept tokens, each with the ends of its document; sixteen empty lanes close the arrays."""
    kept = 0
    opened = 0
    for place in range(len(ids)):
        row = ids[place]
        if row == END:
            for i in range(opened, kept):
                last[i] = kept - 1
            opened = kept
            continue
        bits = random_bits(seed, np.uint64(position + place))
        rows[kept] = row  # written over by the next token if this one is dropped: no branch to mispredict
        positions[kept] = position + place
        first[kept] = opened
        kept += np.int64((bits & _LOW) <= keep[row])
    for i in range(opened, kept):
        last[i] = kept - 1
    for i in range(kept, kept + LANES):
        rows[i] = 0
        first[i] = _NOWHERE
        last[i] = -_NOWHERE
    return kept


@njit(nogil=True, cache=True)
def _train(
    center_rows, context_rows, stride, kept_rows, positions, firsts, lasts, kept, threshold, alias, window,
    rounds, negatives, learning_rate, seed, centers, center_places, output_places, noise, gradients,
):
    center, context, rows = pointer(center_rows), pointer(context_rows), pointer(kept_rows)
    first, last, outputs = pointer(firsts), pointer(lasts), pointer(output_places)
    x, transposed = pointer(centers[0]), pointer(centers[1])
    x_rows, x_places = pointer(center_places[0]), pointer(center_places[1])
    drawn, coming = pointer(noise[0]), pointer(noise[1])
    gradient, times = pointer(gradients[0]), pointer(gradients[1])
    for b in range(LANES):
        x_places[b] = b * stride
    share = negatives / np.float32(NEGATIVES * rounds)
    loss = 0.0
    pairs = 0.0
    if kept > 0:
        _draw(threshold, alias, seed, positions[0] * rounds, coming)
    for start in range(0, kept, LANES):
        end = min(start + LANES, kept)
        low = max(start - window, np.int64(first[start]))
        high = min(end - 1 + window, np.int64(last[end - 1]))
        _fetch_block(center, context, stride, rows, end, min(end + LANES, kept), window)
        lane_pairs = splat(np.float32(0))
        for p in range(low, high + 1):
            lane_pairs = add(lane_pairs, _weights(first, last, start, p, window))
        pairs += total(lane_pairs)
        for b in range(LANES):
            x_rows[b] = np.int64(rows[start + b]) * stride
        for turn in range(rounds):
            for n in range(NEGATIVES):
                drawn[n] = coming[n]
            if turn + 1 < rounds or end < kept:
                place = positions[start] * rounds + turn + 1 if turn + 1 < rounds else positions[end] * rounds
                _draw(threshold, alias, seed, place, coming)
                for n in range(NEGATIVES):
                    _fetch(context, np.int64(coming[n]) * stride, stride)
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
def _fetch_block(center, context, stride, rows, start, end, window):
    """Ask for the rows of the next block; its first context rows are in the cache from this one."""
    for i in range(start, end):
        _fetch(center, np.int64(rows[i]) * stride, stride)
        _fetch(context, np.int64(rows[min(i + window, end)]) * stride, stride)


@njit(nogil=True, cache=True)
def _fetch(source, start, length):
    for line in range(0, length, LANES):
        prefetch(source, start + line)


@njit(nogil=True, cache=True)
def _copy(source, start, target, place, length):
    for panel in range(0, length, LANES):
        store(target, place + panel, load(source, start + panel))


@njit(nogil=True, cache=True)
def _weights(first, last, start, p, window):
    """What the pair of each center with token p counts: (window + 1 - distance) / window, or nothing."""
    here = splat(np.float32(p))
    distance = absolute(subtract(here, add(iota(), splat(np.float32(start)))))
    inside = is_between(here, load(first, start), load(last, start))
    near = is_between(distance, splat(np.float32(1)), splat(np.float32(window)))
    weight = fma(distance, splat(np.float32(-1.0 / window)), splat(np.float32((window + 1.0) / window)))
    return multiply(multiply(inside, near), weight)


@njit(nogil=True, cache=True)
def _draw(threshold, alias, seed, counter, drawn):
    size = np.uint64(len(threshold))
    for n in range(NEGATIVES):
        bits = random_bits(seed ^ _ALL, np.uint64(counter * NEGATIVES + n))
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
        if negative < 0 and p >= start + HALF - window:
            negative = count
            count += NEGATIVES
        outputs[count] = np.int64(rows[p]) * stride
        store(times, count * LANES, _weights(first, last, start, p, window))
        count += 1
        if p < start + HALF + window:
            lower_end = count
    if negative < 0:
        negative = count
        count += NEGATIVES
    lower_end = max(lower_end, negative + NEGATIVES)
    for n in range(NEGATIVES):
        outputs[negative + n] = np.int64(drawn[n]) * stride
        often = _noise(rows, first, last, start, low, high, drawn[n], lane_pairs, window)
        store(times, (negative + n) * LANES, multiply(often, splat(share)))
    tiles = (count + TILE - 1) // TILE * TILE
    for j in range(count, tiles):
        outputs[j] = outputs[0]
        store(times, j * LANES, splat(np.float32(0)))

    for tile in range(0, tiles, TILE):
        logits_(context, outputs, tile, transposed, stride, gradient)
    loss = splat(np.float32(0))
    for j in range(tiles):
        sign = np.float32(-1) if negative <= j < negative + NEGATIVES else np.float32(1)
        loss = add(loss, _gradient(gradient, times, j * LANES, sign, learning_rate))
    for b in range(0, LANES, 4):
        begin, end = (0, lower_end) if b < HALF else (negative, count)
        add_products_(center, shifted(x_rows, b), shifted(gradient, b), 1, LANES, context, outputs, begin, end, stride)
    for j in range(0, tiles, 4):
        add_products_(
            context, shifted(outputs, j), shifted(gradient, j * LANES), LANES, 1, x, x_places, 0, LANES, stride
        )
    return np.float64(total(loss))


@njit(nogil=True, cache=True)
def _noise(rows, first, last, start, low, high, row, lane_pairs, window):
    """How often each center meets a negative, K left out: its pairs but those whose context row it is."""
    often = lane_pairs
    for p in range(low, high + 1, LANES):
        if holds(rows, p, row):
            for q in range(p, min(p + LANES, high + 1)):
                if rows[q] == row:
                    often = subtract(often, _weights(first, last, start, q, window))
    return often


@njit(nogil=True, cache=True)
def _gradient(logits, times, place, sign, learning_rate):
    """Turn sixteen logits into gradients in place; return their losses, times * log(1 + exp(-q)).

    With q = sign * logit and t = exp(-q), the gradient is sign * rate * times * t / (1 + t).
    """
    minus_q = multiply(clamp(load(logits, place), np.float32(LARGEST_LOGIT)), splat(-sign))
    often = load(times, place)
    odds = _exp(minus_q)
    whole = add(splat(np.float32(1)), odds)
    store(logits, place, multiply(multiply(often, splat(sign * learning_rate)), divide(odds, whole)))
    return multiply(often, _log(whole))


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
