"""CBOW with hierarchical softmax in Numba: the reference of this name says what it computes.

Threads may run it at the same time on the same matrices without locks (Hogwild, Recht et al. 2011): two
threads that meet in a row may lose one of the two additions; for the busiest nodes see tree.py. One thread
alone gives the same bits every time. A learning rate of 0 writes to no matrix at all.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int32, Int64, UInt32
from numba import njit

from rowspace.arrays import Stream, Vectors, aligned_zeros
from rowspace.kernels.cpu.bags import Bags
from rowspace.kernels.cpu.dots import dots_16_by_1
from rowspace.kernels.cpu.logistic import log, steps_and_odds
from rowspace.kernels.cpu.random_bits import random_bits
from rowspace.kernels.cpu.sampling import keep_tokens
from rowspace.kernels.cpu.simd import (
    LANES,
    Pointer,
    add,
    fma,
    load,
    multiply,
    pointer,
    shifted,
    splat,
    spread,
    store,
    total,
)
from rowspace.kernels.cpu.tree import HOT, Path, Tree, close_tree_, open_path_
from rowspace.kernels.cpu.window_copies import Copies, close_, num_slots, place_of, slide_
from rowspace.kernels.reference.bags import BagIds, BagOffsets
from rowspace.kernels.reference.skipgram_hierarchical import MOST_NODES, PathCodes, PathNodes, PathOffsets

_HALF = np.uint64(32)


class Method(NamedTuple):
    """The settings."""

    window: int
    fixed_window: bool
    divided_gradient: bool
    learning_rate: np.float32
    seed: np.uint64


class Room(NamedTuple):
    """Working memory of a token."""

    path: Path
    steps: Pointer  # (128,) of each node
    x: Pointer  # (stride,) the mean
    x_place: Pointer  # (1,) where it lies: at 0
    move: Pointer  # (stride,) its step


def cbow_hierarchical_(
    center: Vectors,
    context: Vectors,
    bag_ids: BagIds,
    bag_offsets: BagOffsets,
    ids: Stream,
    keep: UInt32[np.ndarray, "words"],
    path_nodes: PathNodes,
    path_codes: PathCodes,
    path_offsets: PathOffsets,
    *,
    window: int,
    fixed_window: bool,
    divided_gradient: bool,
    learning_rate: float,
    seed: int,
    position: int,
) -> tuple[float, float]:
    """Train `center` and `context` in place on a span; return the summed loss and the tokens predicted."""
    words = np.empty(len(ids) + LANES, np.int32)
    positions = np.empty(len(ids) + LANES, np.int64)
    documents = np.empty((2, len(ids) + LANES), np.float32)
    count = keep_tokens(ids, keep, np.uint64(seed), position, words, positions, documents[0], documents[1])
    stride = center.shape[1]
    hot = aligned_zeros(2, HOT, stride)
    loss, pairs = _train(
        center,
        context,
        bag_ids,
        bag_offsets,
        path_nodes,
        path_codes,
        path_offsets,
        words,
        positions,
        documents,
        count,
        Method(window, fixed_window, divided_gradient, np.float32(learning_rate), np.uint64(seed)),
        hot,
        (hot.ctypes.data - context.ctypes.data) // hot.itemsize,
        aligned_zeros(2, num_slots(window), stride),
        np.zeros((3, num_slots(window)), np.int64),
        aligned_zeros(2, stride),
        np.zeros((3, MOST_NODES), np.float32),
        np.zeros(MOST_NODES + 1, np.int64),
    )
    return loss, pairs


@njit(nogil=True, cache=True)
def _train(
    center: Vectors,
    context: Vectors,
    bag_ids: BagIds,
    bag_offsets: BagOffsets,
    path_nodes: PathNodes,
    path_codes: PathCodes,
    path_offsets: PathOffsets,
    words: Int32[np.ndarray, "room"],
    positions: Int64[np.ndarray, "room"],
    documents: Float32[np.ndarray, "2 room"],
    count: int,
    method: Method,
    hot: Float32[np.ndarray, "2 32 stride"],
    distance: int,
    copied: Float32[np.ndarray, "2 slots stride"],
    slots: Int64[np.ndarray, "3 slots"],
    mean: Float32[np.ndarray, "2 stride"],
    values: Float32[np.ndarray, "3 128"],
    places: Int64[np.ndarray, "129"],
) -> tuple[float, float]:
    """Go over the kept tokens one by one. All arrays come from the caller, who keeps them alive."""
    stride, learns = center.shape[1], bool(method.learning_rate > 0)
    num_nodes = len(path_offsets) - 2
    tree = Tree(
        pointer(path_nodes), pointer(path_codes), pointer(path_offsets), pointer(words), count,
        pointer(context), stride, num_nodes, max(num_nodes - HOT, 0),
        pointer(hot[0]), pointer(hot[1]), distance, learns,
    )  # fmt: skip
    copies = Copies(
        pointer(center), stride, Bags(pointer(bag_ids), pointer(bag_offsets)), len(bag_offsets) > 0,
        pointer(words), count, method.window,
        pointer(copied[0]), pointer(copied[1]), copied.shape[1],
        pointer(slots[0]), pointer(slots[1]), pointer(slots[2]), learns,
    )  # fmt: skip
    path = Path(pointer(places), pointer(values[0]), pointer(values[1]))
    room = Room(
        path, pointer(values[2]), pointer(mean[0]), shifted(pointer(places), MOST_NODES), pointer(mean[1])
    )
    loss = 0.0
    pairs = 0.0
    for token in range(count):
        slide_(copies, token)
        length = open_path_(tree, token, path, LANES)
        reach = _reach(method, positions[token])
        first = max(token - reach, int(documents[0, token]))
        behind = 1 + min(token + reach, int(documents[1, token]))
        if behind - first > 1:
            rows = _average(copies, token, first, behind, room)
            loss += _meet(tree, room, length, method.learning_rate)
            if learns:
                share = np.float32(1.0 / rows if method.divided_gradient else 1.0)
                _move_inputs(copies, token, first, behind, share, room)
            pairs += 1.0
    close_(copies)
    close_tree_(tree)
    return loss, pairs


@njit(nogil=True, cache=True)
def _reach(method: Method, position: int) -> int:
    """How far the token at a position of the stream sees: kernels/reference/cbow.py draws alike."""
    if method.fixed_window:
        return method.window
    upper = random_bits(method.seed, np.uint64(position)) >> _HALF
    return 1 + int((upper * np.uint64(method.window)) >> _HALF)


@njit(nogil=True, cache=True)
def _average(copies: Copies, token: int, first: int, behind: int, room: Room) -> int:
    """Write the mean of all rows of the words around a token; return the number of rows."""
    rows = 0
    for panel in range(0, copies.stride, LANES):
        store(room.x, panel, splat(np.float32(0)))
    for p in range(first, behind):
        if p == token:
            continue
        word, place, size = int(copies.words[p]), place_of(copies, p), 1
        if copies.has_bags:
            size = int(copies.bags.offsets[word + 1] - copies.bags.offsets[word])
        for panel in range(0, copies.stride, LANES):
            vector = load(copies.moving, place + panel)
            store(room.x, panel, fma(vector, splat(np.float32(size)), load(room.x, panel)))
        rows += size
    for panel in range(0, copies.stride, LANES):
        store(room.x, panel, multiply(load(room.x, panel), splat(np.float32(1.0 / rows))))
    return rows


@njit(nogil=True, cache=True)
def _meet(tree: Tree, room: Room, length: int, learning_rate: np.float32) -> float:
    """All gradients of a path at the same point; the nodes move, and the step of the mean is kept."""
    stride, path = tree.stride, room.path
    loss = splat(np.float32(0))
    for n in range(0, length, LANES):
        logits = dots_16_by_1(tree.rows, shifted(path.places, n), room.x, room.x_place, stride)
        counts = load(path.counts, n)
        steps, odds = steps_and_odds(logits, counts, load(path.signs, n), learning_rate)
        store(room.steps, n, steps)
        loss = fma(counts, log(add(splat(np.float32(1)), odds)), loss)
    if tree.learns:
        for panel in range(0, stride, LANES):
            x, move = load(room.x, panel), splat(np.float32(0))
            for n in range(length):
                step, node = spread(room.steps, n), load(tree.rows, path.places[n] + panel)
                move = fma(step, node, move)
                store(tree.rows, path.places[n] + panel, fma(step, x, node))
            store(room.move, panel, move)
    return np.float64(total(loss))


@njit(nogil=True, cache=True)
def _move_inputs(copies: Copies, token: int, first: int, behind: int, share: np.float32, room: Room) -> None:
    """Hand the step of the mean to the words around a token."""
    for p in range(first, behind):
        if p != token:
            place = place_of(copies, p)
            for panel in range(0, copies.stride, LANES):
                moved = fma(splat(share), load(room.move, panel), load(copies.moving, place + panel))
                store(copies.moving, place + panel, moved)
