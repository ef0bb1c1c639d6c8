"""CBOW with negative sampling in Numba: kernels/reference/cbow.py says what it computes.

Threads may run `cbow_` at the same time on the same matrices without locks (Hogwild, Recht et al. 2011):
two threads that meet in a row may lose one of the two additions. Rows are many and updates small, so the
quality does not suffer; one thread alone gives the same bits every time. A learning rate of 0 writes to
no matrix at all.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int32, Int64, UInt32
from numba import njit

from rowspace.arrays import Stream, Vectors, aligned_zeros
from rowspace.kernels.cpu.bags import Bags, add_to_bag_, pool_
from rowspace.kernels.cpu.logistic import gradient_
from rowspace.kernels.cpu.random_bits import random_bits
from rowspace.kernels.cpu.sampling import draw_, keep_tokens
from rowspace.kernels.cpu.simd import (
    LANES,
    Pointer,
    add,
    fma,
    holds,
    load,
    multiply,
    pointer,
    prefetch,
    shifted,
    splat,
    spread,
    store,
    total,
    transpose,
)
from rowspace.kernels.cpu.tiles import TILE, add_products_, logits_
from rowspace.kernels.cpu.windows import Block, Windows, average_, average_by_place_, share_, share_by_place_
from rowspace.kernels.reference.cbow import num_rounds
from rowspace.kernels.reference.skipgram import NEGATIVES

OWN = NEGATIVES * LANES  # where in logits and times the tokens' own outputs stand, one a lane
_HALF = np.uint64(32)


class Model(NamedTuple):
    """The matrices, flat."""

    center: Pointer
    context: Pointer
    positions: Pointer
    bags: Bags
    stride: int
    has_bags: bool
    has_positions: bool


class Method(NamedTuple):
    """How the rows are trained."""

    window: int
    rounds: int
    share: np.float32  # what each negative of a round counts
    fixed_window: bool
    divided_gradient: bool
    learning_rate: np.float32
    seed: np.uint64


class Kept(NamedTuple):
    """The kept tokens: their words, places in the stream, and the first and last token of their documents."""

    words: Pointer
    positions: Pointer
    first: Pointer
    last: Pointer
    size: int


class Room(NamedTuple):
    """Working memory of a block."""

    y: Pointer  # (reach, stride) the sums of bags; not used by plain words
    x: Pointer  # (16, stride) the means
    transposed: Pointer  # (stride, 16)
    steps: Pointer  # (16, stride) the steps of the means
    x_places: Pointer  # (16,) where the means lie in `x` and their steps in `steps`
    active: Pointer  # (16,) 1, or 0 for a token without neighbours
    own: Pointer  # (16,) where the output rows of the tokens lie
    negatives: Pointer  # (32,) where the rows of the negatives lie
    coming: Pointer  # (32,) the words of the next round's negatives
    ahead: Pointer  # (64,) where rows lie that are soon needed: 32 negatives, 16 outputs, 16 inputs
    gradient: Pointer  # (33, 16) logits, then steps: negatives, and the tokens' own
    times: Pointer  # (33, 16) how often each of them counts


def cbow_(
    center: Vectors,
    context: Vectors,
    bag_ids: Int32[np.ndarray, "bag_rows"],
    bag_offsets: Int64[np.ndarray, "words_plus_1"],
    positions: Float32[np.ndarray, "places stride"],
    ids: Stream,
    keep: UInt32[np.ndarray, "words"],
    noise_threshold: UInt32[np.ndarray, "words"],
    noise_alias: Int32[np.ndarray, "words"],
    *,
    window: int,
    negatives: int,
    fixed_window: bool,
    divided_gradient: bool,
    learning_rate: float,
    seed: int,
    position: int,
) -> tuple[float, float]:
    """Train `center`, `context` and `positions` in place on a span.

    Returns the summed loss and the number of tokens predicted.
    """
    words = np.empty(len(ids) + LANES, np.int32)
    places = np.zeros(len(ids) + LANES, np.int64)
    documents = np.empty((2, len(ids) + LANES), np.float32)
    count = keep_tokens(ids, keep, np.uint64(seed), position, words, places, documents[0], documents[1])
    stride = center.shape[1]
    rounds = num_rounds(window, negatives, fixed_window=fixed_window, divided_gradient=divided_gradient)
    share = np.float32(negatives / (NEGATIVES * rounds))
    method = Method(
        window, rounds, share, fixed_window, divided_gradient, np.float32(learning_rate), np.uint64(seed)
    )
    loss, pairs = _train(
        center,
        context,
        positions,
        bag_ids,
        bag_offsets,
        words,
        places,
        documents,
        count,
        noise_threshold,
        noise_alias,
        method,
        aligned_zeros(3, LANES + 2 * window + 1, stride),
        aligned_zeros(3, LANES, stride),
        aligned_zeros(2 * (NEGATIVES + 1) + 2, LANES),
        np.zeros((2, LANES + 2 * window + 1), np.int64),
        np.zeros((6, LANES), np.int64),
        np.zeros(NEGATIVES + 2 * LANES, np.int64),
        np.empty(NEGATIVES, np.int32),
    )
    return loss, pairs


@njit(nogil=True, cache=True)
def _train(
    center: Vectors,
    context: Vectors,
    positions: Float32[np.ndarray, "places stride"],
    bag_ids: Int32[np.ndarray, "bag_rows"],
    bag_offsets: Int64[np.ndarray, "words_plus_1"],
    words: Int32[np.ndarray, "room"],
    places: Int64[np.ndarray, "room"],
    documents: Float32[np.ndarray, "2 room"],
    count: int,
    threshold: UInt32[np.ndarray, "words"],
    alias: Int32[np.ndarray, "words"],
    method: Method,
    rows: Float32[np.ndarray, "3 reach_plus_1 stride"],
    lanes: Float32[np.ndarray, "3 16 stride"],
    weights: Float32[np.ndarray, "68 16"],
    reached: Int64[np.ndarray, "2 reach_plus_1"],
    numbers: Int64[np.ndarray, "6 16"],
    ahead: Int64[np.ndarray, "64"],
    noise: Int32[np.ndarray, "32"],
) -> tuple[float, float]:
    """Go over the kept tokens block by block. All arrays come from the caller, who keeps them alive."""
    stride, behind = center.shape[1], 2 * (NEGATIVES + 1)
    bags = Bags(pointer(bag_ids), pointer(bag_offsets))
    model = Model(
        pointer(center), pointer(context), pointer(positions), bags, stride,
        len(bag_offsets) > 0, len(positions) > 0,
    )  # fmt: skip
    kept = Kept(pointer(words), pointer(places), pointer(documents[0]), pointer(documents[1]), count)
    windows = Windows(
        stride, method.window, pointer(numbers[0]), pointer(numbers[1]), pointer(weights[behind]),
        pointer(reached[0]), pointer(rows[0]), pointer(reached[1]), pointer(rows[1]),
    )  # fmt: skip
    room = Room(
        pointer(rows[2]), pointer(lanes[0]), pointer(lanes[1]), pointer(lanes[2]), pointer(numbers[2]),
        pointer(weights[behind + 1]), pointer(numbers[3]), pointer(numbers[4]), pointer(noise),
        pointer(ahead), pointer(weights[0]), pointer(weights[NEGATIVES + 1]),
    )  # fmt: skip
    for b in range(LANES):
        room.x_places[b] = b * stride
    loss = 0.0
    pairs = 0.0
    if count > 0:
        draw_(threshold, alias, method.seed, int(places[0]) * method.rounds, room.coming)
    for start in range(0, count, LANES):
        following = min(start + LANES, count)
        block = _open_block(model, method, kept, start, following, windows, room)
        pairs += total(load(room.active, 0))
        for turn in range(method.rounds):
            _take_negatives(kept, method, start, turn, stride, room)
            if turn + 1 < method.rounds:
                draw_(
                    threshold, alias, method.seed, int(places[start]) * method.rounds + turn + 1, room.coming
                )
            elif following < count:
                draw_(threshold, alias, method.seed, int(places[following]) * method.rounds, room.coming)
            _look_ahead(method, kept, following, stride, room)
            loss += _round(model, method, kept, block, windows, room)
    return loss, pairs


@njit(nogil=True, cache=True)
def _open_block(
    model: Model, method: Method, kept: Kept, start: int, following: int, windows: Windows, room: Room
) -> Block:
    """Open the windows of sixteen tokens; empty for a lane behind the last token and for a token alone."""
    low = max(start - method.window, int(kept.first[start]))
    high = 1 + min(following - 1 + method.window, int(kept.last[following - 1]))
    for b in range(LANES):
        here = start + b
        windows.low[b] = windows.high[b] = 0
        windows.scale[b] = room.active[b] = np.float32(0)
        room.own[b] = int(kept.words[here]) * model.stride
        if here >= following:
            continue
        reach = method.window
        if not method.fixed_window:
            upper = random_bits(method.seed, np.uint64(kept.positions[here])) >> _HALF
            reach = 1 + int((upper * np.uint64(method.window)) >> _HALF)
        first = max(here - reach, int(kept.first[here]))
        last = min(here + reach, int(kept.last[here]))
        windows.low[b], windows.high[b] = first - low, last + 1 - low
        if first < last:
            rows = _rows_of_bags(model.bags, kept, first, last, here) if model.has_bags else last - first
            windows.scale[b], room.active[b] = np.float32(1.0 / rows), np.float32(1)
    return Block(start, low, high)


@njit(nogil=True, cache=True)
def _rows_of_bags(bags: Bags, kept: Kept, first: int, last: int, here: int) -> int:
    """The number of rows in the window first..last of words that are bags."""
    rows = 0
    for p in range(first, last + 1):
        if p != here:
            rows += int(bags.offsets[int(kept.words[p]) + 1]) - int(bags.offsets[int(kept.words[p])])
    return rows


@njit(nogil=True, cache=True)
def _take_negatives(kept: Kept, method: Method, start: int, turn: int, stride: int, room: Room) -> None:
    """Take the negatives drawn ahead; say how often they and the tokens themselves count in this round."""
    often = multiply(load(room.active, 0), splat(method.share))
    for n in range(NEGATIVES):
        word = room.coming[n]
        room.negatives[n] = int(word) * stride
        store(room.times, n * LANES, often)
        if holds(kept.words, start, word):
            for b in range(LANES):
                if kept.words[start + b] == word:
                    room.times[n * LANES + b] = np.float32(0)
    for b in range(LANES):
        room.times[OWN + b] = room.active[b] if b % method.rounds == turn else np.float32(0)


@njit(nogil=True, cache=True)
def _look_ahead(method: Method, kept: Kept, following: int, stride: int, room: Room) -> None:
    """List the rows that the next round needs."""
    for n in range(NEGATIVES):
        room.ahead[n] = int(room.coming[n]) * stride
    for b in range(LANES):
        room.ahead[NEGATIVES + b] = int(kept.words[min(following + b, kept.size)]) * stride
        # The inputs of a block are those of its neighbours too: only the last ones are new.
        newest = min(following + b + method.window, kept.size)
        room.ahead[NEGATIVES + LANES + b] = int(kept.words[newest]) * stride


@njit(nogil=True, cache=True)
def _fetch(source: Pointer, room: Room, first: int, last: int, stride: int) -> None:
    """Ask for the rows ahead[first:last] of a matrix: few at a time, as a core waits for some dozen lines."""
    for n in range(first, last):
        for line in range(0, stride, LANES):
            prefetch(source, room.ahead[n] + line)


@njit(nogil=True, cache=True)
def _round(model: Model, method: Method, kept: Kept, block: Block, windows: Windows, room: Room) -> float:
    """One step on a block: all gradients at the same point, then every row moves; returns the loss."""
    source = _list_inputs(model, kept, block, windows, room)
    if model.has_positions:
        average_by_place_(source, model.positions, block, windows, room.x)
    else:
        average_(source, block, windows, room.x)
    loss = _predict(model, method, room)
    if method.learning_rate > 0:
        _move_outputs(model, room)
        if model.has_positions:
            share_by_place_(source, model.positions, block, windows, room.steps, method.divided_gradient)
        else:
            share_(block, windows, room.steps, method.divided_gradient)
        _move_inputs(model, method, kept, block, windows)
    return loss


@njit(nogil=True, cache=True)
def _list_inputs(model: Model, kept: Kept, block: Block, windows: Windows, room: Room) -> Pointer:
    """Say where the inputs in reach lie, and return the matrix that they lie in: `y` holds sums of bags."""
    stride = model.stride
    if not model.has_bags:
        for p in range(block.low, block.high):
            windows.places[p - block.low] = int(kept.words[p]) * stride
        return model.center
    for p in range(block.low, block.high):
        word, place = int(kept.words[p]), (p - block.low) * stride
        pool_(model.center, stride, model.bags, word, room.y, place)
        _times_rows(model, word, room.y, place)
        windows.places[p - block.low] = place
    return room.y


@njit(nogil=True, cache=True)
def _times_rows(model: Model, word: int, target: Pointer, place: int) -> None:
    """Multiply target[place:place + stride] by the number of rows in a word's bag."""
    rows = splat(np.float32(model.bags.offsets[word + 1] - model.bags.offsets[word]))
    for line in range(place, place + model.stride, LANES):
        store(target, line, multiply(load(target, line), rows))


@njit(nogil=True, cache=True)
def _predict(model: Model, method: Method, room: Room) -> float:
    """Compute the loss of a round, and the steps of its logits in place."""
    stride = model.stride
    for panel in range(0, stride, LANES):
        transpose(room.x, panel, stride, room.transposed, panel * LANES)
    for tile in range(0, NEGATIVES, TILE):
        logits_(model.context, room.negatives, tile, room.transposed, stride, room.gradient)
        _fetch(model.context, room, tile, tile + TILE, stride)
    for b in range(LANES):
        product = splat(np.float32(0))
        for panel in range(0, stride, LANES):
            x = load(room.x, room.x_places[b] + panel)
            product = fma(x, load(model.context, room.own[b] + panel), product)
        room.gradient[OWN + b] = total(product)
    loss = gradient_(room.gradient, room.times, OWN, np.float32(1), method.learning_rate)
    for line in range(0, OWN, LANES):
        loss = add(loss, gradient_(room.gradient, room.times, line, np.float32(-1), method.learning_rate))
    return np.float64(total(loss))


@njit(nogil=True, cache=True)
def _move_outputs(model: Model, room: Room) -> None:
    """Add up the step of each mean, then move the output rows."""
    stride, context = model.stride, model.context
    for b in range(LANES):
        step = spread(room.gradient, OWN + b)
        for panel in range(0, stride, LANES):
            store(room.steps, room.x_places[b] + panel, multiply(step, load(context, room.own[b] + panel)))
    for b in range(0, LANES, 4):
        _fetch(context, room, NEGATIVES + b, NEGATIVES + b + 4, stride)
        add_products_(
            room.steps, shifted(room.x_places, b), shifted(room.gradient, b), 1, LANES,
            context, room.negatives, 0, NEGATIVES, stride,
        )  # fmt: skip
    for n in range(0, NEGATIVES, 4):
        if not model.has_bags:
            _fetch(model.center, room, NEGATIVES + LANES + n // 2, NEGATIVES + LANES + n // 2 + 2, stride)
        add_products_(
            context, shifted(room.negatives, n), shifted(room.gradient, n * LANES), LANES, 1,
            room.x, room.x_places, 0, LANES, stride,
        )  # fmt: skip
    for b in range(LANES):
        step = spread(room.gradient, OWN + b)
        for panel in range(0, stride, LANES):
            own = room.own[b] + panel
            store(context, own, fma(step, load(room.x, room.x_places[b] + panel), load(context, own)))


@njit(nogil=True, cache=True)
def _move_inputs(model: Model, method: Method, kept: Kept, block: Block, windows: Windows) -> None:
    """Add what the tokens in reach receive to their rows."""
    stride = model.stride
    for p in range(block.high - block.low):
        if model.has_bags:
            word = int(kept.words[block.low + p])
            if method.divided_gradient:
                _times_rows(model, word, windows.moves, p * stride)
            add_to_bag_(model.center, stride, model.bags, word, windows.moves, p * stride)
            continue
        row = windows.places[p]
        for panel in range(0, stride, LANES):
            moved = add(load(model.center, row + panel), load(windows.moves, p * stride + panel))
            store(model.center, row + panel, moved)
