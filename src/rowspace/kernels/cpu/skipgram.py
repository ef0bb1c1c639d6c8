"""Skip-gram with negative sampling in Numba: kernels/reference/skipgram.py says what it computes.

Threads may run `skipgram_` at the same time on the same matrices without locks (Hogwild, Recht et
al. 2011): two threads that meet in a row may lose one of the two additions. Rows are many and
updates small, so the quality does not suffer; one thread alone gives the same bits every time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int32, Int64, UInt32
from numba import njit

from rowspace.arrays import Stream, Vectors, aligned_zeros
from rowspace.kernels.cpu.bags import Bags, add_to_bag_, pool_
from rowspace.kernels.cpu.logistic import gradient_
from rowspace.kernels.cpu.sampling import draw_, keep_tokens
from rowspace.kernels.cpu.simd import (
    LANES,
    Pointer,
    Vector16,
    absolute,
    add,
    fma,
    holds,
    iota,
    is_between,
    load,
    multiply,
    pointer,
    prefetch,
    shifted,
    splat,
    store,
    subtract,
    total,
    transpose,
)
from rowspace.kernels.cpu.tiles import TILE, add_products_, logits_
from rowspace.kernels.reference.bags import BagIds, BagOffsets
from rowspace.kernels.reference.skipgram import NEGATIVES, num_rounds

HALF = LANES // 2


class Rows(NamedTuple):
    """The two matrices, flat, and the bags of center rows that words stand for."""

    center: Pointer
    context: Pointer
    stride: int
    bags: Bags
    has_bags: bool


class Kept(NamedTuple):
    """The kept tokens: their rows, and the first and last token of their documents."""

    rows: Pointer
    first: Pointer
    last: Pointer
    size: int
    window: int
    slope: np.float32  # a pair at distance d counts top + d * slope
    top: np.float32


class Block(NamedTuple):
    """Sixteen centers: where they start, and which tokens their windows reach."""

    start: int
    low: int
    high: int
    pairs: Vector16  # the weight of each center's pairs


class Room(NamedTuple):
    """Working memory of a block; P output rows, padded to whole tiles."""

    moving: Pointer  # where centers move: the matrix itself, or for bags their means, (16, stride)
    pooled: Pointer  # (16, stride) the means as they were before the block
    x: Pointer  # (16, stride) centers as they were before the round
    transposed: Pointer  # (stride, 16)
    x_rows: Pointer  # (16,) where the centers lie in `moving`
    x_places: Pointer  # (16,) and in `x`
    outputs: Pointer  # (P,) where the output rows lie
    ahead: Pointer  # (64,) where rows lie that are soon needed: 32 negatives, 16 context, 16 center rows
    gradient: Pointer  # (P, 16) logits, then steps
    times: Pointer  # (P, 16) how often each output row counts for each center


def skipgram_(
    center: Vectors,
    context: Vectors,
    bag_ids: BagIds,
    bag_offsets: BagOffsets,
    ids: Stream,
    keep: UInt32[np.ndarray, "rows"],
    noise_threshold: UInt32[np.ndarray, "rows"],
    noise_alias: Int32[np.ndarray, "rows"],
    *,
    window: int,
    negatives: int,
    fixed_window: bool,
    learning_rate: float,
    seed: int,
    position: int,
) -> tuple[float, float]:
    """Train `center` and `context` in place on a span; return the summed loss and the pairs' weight."""
    rows = np.empty(len(ids) + LANES, np.int32)
    positions = np.empty(len(ids) + LANES, np.int64)
    documents = np.empty((2, len(ids) + LANES), np.float32)
    count = keep_tokens(ids, keep, np.uint64(seed), position, rows, positions, documents[0], documents[1])
    rounds = num_rounds(window, negatives, fixed_window=fixed_window, num_words=len(context))
    stride = center.shape[1]
    most = NEGATIVES + (LANES + 2 * window) // rounds + 1 + TILE
    loss, pairs = _train(
        center,
        context,
        bag_ids,
        bag_offsets,
        rows,
        positions,
        documents,
        count,
        noise_threshold,
        noise_alias,
        window,
        np.float32(0.0 if fixed_window else -1.0 / window),
        np.float32(1.0 if fixed_window else (window + 1.0) / window),
        rounds,
        np.float32(negatives / (NEGATIVES * rounds)),
        np.float32(learning_rate),
        np.uint64(seed),
        aligned_zeros(4, LANES, stride),
        np.empty((2, LANES), np.int64),
        np.empty(most, np.int64),
        np.zeros(NEGATIVES + 2 * LANES, np.int64),
        aligned_zeros(2, most, LANES),
        np.empty((2, NEGATIVES), np.int32),
    )
    return loss, pairs


@njit(nogil=True, cache=True)
def _train(
    center: Vectors,
    context: Vectors,
    bag_ids: BagIds,
    bag_offsets: BagOffsets,
    kept_rows: Int32[np.ndarray, "room"],
    positions: Int64[np.ndarray, "room"],
    documents: Float32[np.ndarray, "2 room"],
    count: int,
    threshold: UInt32[np.ndarray, "rows"],
    alias: Int32[np.ndarray, "rows"],
    window: int,
    slope: np.float32,
    top: np.float32,
    rounds: int,
    share: np.float32,
    learning_rate: np.float32,
    seed: np.uint64,
    centers: Float32[np.ndarray, "4 16 stride"],
    center_places: Int64[np.ndarray, "2 16"],
    output_places: Int64[np.ndarray, "outputs"],
    places_ahead: Int64[np.ndarray, "64"],
    gradients: Float32[np.ndarray, "2 outputs 16"],
    noise: Int32[np.ndarray, "2 32"],
) -> tuple[float, float]:
    """Go over the kept tokens block by block. All arrays come from the caller, who keeps them alive."""
    bags = Bags(pointer(bag_ids), pointer(bag_offsets))
    matrices = Rows(pointer(center), pointer(context), center.shape[1], bags, len(bag_offsets) > 0)
    kept = Kept(pointer(kept_rows), pointer(documents[0]), pointer(documents[1]), count, window, slope, top)
    room = Room(
        pointer(centers[2]) if matrices.has_bags else matrices.center, pointer(centers[3]),
        pointer(centers[0]), pointer(centers[1]), pointer(center_places[0]), pointer(center_places[1]),
        pointer(output_places), pointer(places_ahead), pointer(gradients[0]), pointer(gradients[1]),
    )  # fmt: skip
    drawn, coming = pointer(noise[0]), pointer(noise[1])
    for b in range(LANES):
        room.x_places[b] = b * matrices.stride
    loss = 0.0
    pairs = 0.0
    if count > 0:
        draw_(threshold, alias, seed, int(positions[0]) * rounds, coming)
    for start in range(0, count, LANES):
        following = min(start + LANES, count)
        block = _open_block(matrices, kept, start, following, room)
        pairs += total(block.pairs)
        for turn in range(rounds):
            for n in range(NEGATIVES):
                drawn[n] = coming[n]
            counter = int(positions[start]) * rounds + turn + 1
            if turn + 1 == rounds:
                counter = int(positions[following]) * rounds
            if turn + 1 < rounds or following < count:
                draw_(threshold, alias, seed, counter, coming)
                for n in range(NEGATIVES):
                    room.ahead[n] = int(coming[n]) * matrices.stride
            loss += _round(matrices, kept, block, room, drawn, turn, rounds, share, learning_rate)
        if matrices.has_bags:
            _close_bags(matrices, kept, start, following, room)
    return loss, pairs


@njit(nogil=True, cache=True)
def _open_block(matrices: Rows, kept: Kept, start: int, following: int, room: Room) -> Block:
    """Find the reach of a block, and list the rows of the next one."""
    stride = matrices.stride
    for b in range(LANES):
        # The context rows of a block are those of its neighbours too: only the last ones are new.
        newest = min(following + b + kept.window, kept.size)
        room.ahead[NEGATIVES + b] = int(kept.rows[newest]) * stride
        room.ahead[NEGATIVES + LANES + b] = int(kept.rows[min(following + b, kept.size)]) * stride
        room.x_rows[b] = int(kept.rows[start + b]) * stride
    if matrices.has_bags:
        _open_bags(matrices, kept, start, room)
    low = max(start - kept.window, int(kept.first[start]))
    high = min(following - 1 + kept.window, int(kept.last[following - 1]))
    pairs = splat(np.float32(0))
    for p in range(low, high + 1):
        pairs = add(pairs, _weights(kept, start, p))
    return Block(start, low, high, pairs)


@njit(nogil=True, cache=True)
def _open_bags(matrices: Rows, kept: Kept, start: int, room: Room) -> None:
    """Pool the centers of a block; it is these means that its rounds move."""
    stride = matrices.stride
    for b in range(LANES):
        room.x_rows[b] = b * stride
        pool_(matrices.center, stride, matrices.bags, int(kept.rows[start + b]), room.pooled, b * stride)
        for panel in range(b * stride, (b + 1) * stride, LANES):
            store(room.moving, panel, load(room.pooled, panel))


@njit(nogil=True, cache=True)
def _close_bags(matrices: Rows, kept: Kept, start: int, following: int, room: Room) -> None:
    """Hand what the centers of a block moved to all rows of their bags."""
    stride = matrices.stride
    for b in range(following - start):
        for panel in range(b * stride, (b + 1) * stride, LANES):
            store(room.pooled, panel, subtract(load(room.moving, panel), load(room.pooled, panel)))
        word = int(kept.rows[start + b])
        add_to_bag_(matrices.center, stride, matrices.bags, word, room.pooled, b * stride)


@njit(nogil=True, cache=True)
def _fetch(source: Pointer, room: Room, first: int, last: int, stride: int) -> None:
    """Ask for the rows ahead[first:last] of a matrix."""
    for n in range(first, last):
        for line in range(0, stride, LANES):
            prefetch(source, room.ahead[n] + line)


@njit(nogil=True, cache=True)
def _weights(kept: Kept, start: int, p: int) -> Vector16:
    """What the pair of each center with token p counts: by its distance, or nothing."""
    here = splat(np.float32(p))
    distance = absolute(subtract(here, add(iota(), splat(np.float32(start)))))
    inside = is_between(here, load(kept.first, start), load(kept.last, start))
    near = is_between(distance, splat(np.float32(1)), splat(np.float32(kept.window)))
    weight = fma(distance, splat(kept.slope), splat(kept.top))
    return multiply(multiply(inside, near), weight)


@njit(nogil=True, cache=True)
def _round(
    matrices: Rows,
    kept: Kept,
    block: Block,
    room: Room,
    drawn: Pointer,
    turn: int,
    rounds: int,
    share: np.float32,
    learning_rate: np.float32,
) -> float:
    """One step on a block: all gradients at the same point, then every row moves; returns the loss."""
    center, context, stride = room.moving, matrices.context, matrices.stride
    for b in range(LANES):
        for panel in range(0, stride, LANES):
            store(room.x, room.x_places[b] + panel, load(center, room.x_rows[b] + panel))
    for panel in range(0, stride, LANES):
        transpose(room.x, panel, stride, room.transposed, panel * LANES)
    negative, lower_end, count = _list_outputs(stride, kept, block, room, drawn, turn, rounds, share)

    # Rows lie in memory in no order: those of the next round are asked for a few at a time between the
    # products of this one, since a core waits when it has asked for more than some dozen lines at once.
    for tile in range(0, count, TILE):
        logits_(context, room.outputs, tile, room.transposed, stride, room.gradient)
        _fetch(context, room, tile // 2, min(tile // 2 + 4, NEGATIVES), stride)
    loss = splat(np.float32(0))
    for j in range(count):
        sign = np.float32(-1) if negative <= j < negative + NEGATIVES else np.float32(1)
        loss = add(loss, gradient_(room.gradient, room.times, j * LANES, sign, learning_rate))

    for b in range(0, LANES, 4):
        if not matrices.has_bags:
            _fetch(center, room, NEGATIVES + LANES + b, NEGATIVES + LANES + b + 4, stride)
        begin, end = (0, lower_end) if b < HALF else (negative, count)
        steps = shifted(room.gradient, b)
        add_products_(
            center, shifted(room.x_rows, b), steps, 1, LANES, context, room.outputs, begin, end, stride
        )
    for j in range(0, count, 4):
        _fetch(context, room, NEGATIVES + j // 4, min(NEGATIVES + j // 4 + 1, NEGATIVES + LANES), stride)
        steps = shifted(room.gradient, j * LANES)
        add_products_(
            context, shifted(room.outputs, j), steps, LANES, 1, room.x, room.x_places, 0, LANES, stride
        )
    return np.float64(total(loss))


@njit(nogil=True, cache=True)
def _list_outputs(
    stride: int,
    kept: Kept,
    block: Block,
    room: Room,
    drawn: Pointer,
    turn: int,
    rounds: int,
    share: np.float32,
) -> tuple[int, int, int]:
    """List the output rows of a round and how often each counts.

    They are the context rows in order, with the negatives after those that only the lower eight centers
    reach; so each half of the centers meets one unbroken run of them. Returns the place of the first
    negative, the end of the lower half's run, and the number of rows, padded to whole tiles by rows that
    count nothing.
    """
    start = block.start
    count = 0
    negative = -1
    lower_end = 0
    for p in range(block.low + (turn - block.low) % rounds, block.high + 1, rounds):
        if negative < 0 and p >= start + HALF - kept.window:
            negative = count
            count += NEGATIVES
        room.outputs[count] = int(kept.rows[p]) * stride
        store(room.times, count * LANES, _weights(kept, start, p))
        count += 1
        if p < start + HALF + kept.window:
            lower_end = count
    if negative < 0:
        negative = count
        count += NEGATIVES
    for n in range(NEGATIVES):
        room.outputs[negative + n] = int(drawn[n]) * stride
        often = multiply(_pairs_without(kept, block, drawn[n]), splat(share))
        store(room.times, (negative + n) * LANES, often)
    padded = (count + TILE - 1) // TILE * TILE
    for j in range(count, padded):
        room.outputs[j] = room.outputs[0]
        store(room.times, j * LANES, splat(np.float32(0)))
    return negative, max(lower_end, negative + NEGATIVES), padded


@njit(nogil=True, cache=True)
def _pairs_without(kept: Kept, block: Block, row: np.int32) -> Vector16:
    """The weight of each center's pairs but those whose context row is `row`, which is no negative there."""
    pairs = block.pairs
    for p in range(block.low, block.high + 1, LANES):
        if holds(kept.rows, p, row):
            for q in range(p, min(p + LANES, block.high + 1)):
                if kept.rows[q] == row:
                    pairs = subtract(pairs, _weights(kept, block.start, q))
    return pairs
