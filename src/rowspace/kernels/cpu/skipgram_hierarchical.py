"""Skip-gram with hierarchical softmax in Numba: the reference of this name says what it computes.

Threads may run it at the same time on the same matrices without locks (Hogwild, Recht et al. 2011): two
threads that meet in a row may lose one of the two additions; for the busiest nodes see tree.py. One thread
alone gives the same bits every time. A learning rate of 0 writes to no matrix at all.

A meeting is three small matrix products, of a path's nodes (12 or so) and the neighbours of a token (10).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int32, Int64, UInt32
from numba import njit

from rowspace.arrays import Stream, Vectors, aligned_zeros
from rowspace.kernels.cpu.bags import Bags
from rowspace.kernels.cpu.dots import dots_4_by_4, each_four_times, four_times_all, store_quarters
from rowspace.kernels.cpu.logistic import log, steps_and_odds
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
    store,
    total,
)
from rowspace.kernels.cpu.tiles import add_products_
from rowspace.kernels.cpu.tree import HOT, Path, Tree, close_tree_, open_path_
from rowspace.kernels.cpu.window_copies import Copies, close_, num_slots, place_of, slide_
from rowspace.kernels.reference.bags import BagIds, BagOffsets
from rowspace.kernels.reference.skipgram_hierarchical import (
    MOST_AT_ONCE,
    MOST_NODES,
    PathCodes,
    PathNodes,
    PathOffsets,
    group_size,
)

QUARTER = 4  # nodes, and inputs, in a tile


class Room(NamedTuple):
    """Working memory of a meeting of a path with up to sixteen inputs."""

    path: Path
    nodes: Pointer  # (128, stride) as they were before the meeting
    node_places: Pointer  # (128,) where they lie in `nodes`
    inputs: Pointer  # (16,) where the inputs' copies lie
    times: Pointer  # (16,) how often each counts
    steps: Pointer  # (128, 16) of each node with each input


class Method(NamedTuple):
    """The settings; a pair at distance d counts top + d * slope."""

    window: int
    top: float
    slope: float
    group: int  # neighbours that meet a token at once
    learning_rate: np.float32


def skipgram_hierarchical_(
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
    learning_rate: float,
    seed: int,
    position: int,
) -> tuple[float, float]:
    """Train `center` and `context` in place on a span; return the summed loss and the pairs' weight."""
    words = np.empty(len(ids) + LANES, np.int32)
    positions = np.empty(len(ids) + LANES, np.int64)
    documents = np.empty((2, len(ids) + LANES), np.float32)
    count = keep_tokens(ids, keep, np.uint64(seed), position, words, positions, documents[0], documents[1])
    top, slope = (1.0, 0.0) if fixed_window else ((window + 1) / window, -1 / window)
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
        documents,
        count,
        Method(window, top, slope, group_size(window, fixed_window=fixed_window), np.float32(learning_rate)),
        hot,
        (hot.ctypes.data - context.ctypes.data) // hot.itemsize,
        aligned_zeros(2, num_slots(window), stride),
        np.zeros((3, num_slots(window)), np.int64),
        aligned_zeros(MOST_NODES, stride),
        aligned_zeros(MOST_NODES, MOST_AT_ONCE),
        np.zeros((2, MOST_NODES), np.float32),
        np.zeros(2 * MOST_NODES + MOST_AT_ONCE, np.int64),
        np.zeros(MOST_AT_ONCE, np.float32),
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
    documents: Float32[np.ndarray, "2 room"],
    count: int,
    method: Method,
    hot: Float32[np.ndarray, "2 32 stride"],
    distance: int,
    copied: Float32[np.ndarray, "2 slots stride"],
    slots: Int64[np.ndarray, "3 slots"],
    nodes: Float32[np.ndarray, "128 stride"],
    steps: Float32[np.ndarray, "128 16"],
    answers: Float32[np.ndarray, "2 128"],
    places: Int64[np.ndarray, "272"],
    times: Float32[np.ndarray, "16"],
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
    whole, path = pointer(places), Path(pointer(places), pointer(answers[0]), pointer(answers[1]))
    room = Room(
        path, pointer(nodes), shifted(whole, MOST_NODES), shifted(whole, 2 * MOST_NODES),
        pointer(times), pointer(steps),
    )  # fmt: skip
    for n in range(MOST_NODES):
        room.node_places[n] = n * stride
    loss = 0.0
    pairs = 0.0
    for token in range(count):
        slide_(copies, token)
        length = open_path_(tree, token, path, QUARTER)
        next_ = max(token - method.window, int(documents[0, token]))
        behind = 1 + min(token + method.window, int(documents[1, token]))
        while next_ < behind:
            next_, number, weight = _list_inputs(copies, method, token, next_, behind, room)
            loss += _meet(tree, copies, room, length, number, method.learning_rate)
            pairs += weight
    close_(copies)
    close_tree_(tree)
    return loss, pairs


@njit(nogil=True, cache=True)
def _list_inputs(
    copies: Copies, method: Method, token: int, begin: int, behind: int, room: Room
) -> tuple[int, int, float]:
    """List the next group of neighbours of a token, padded to whole tiles by the token, which counts nothing.

    Returns where to go on, their number and their weight.
    """
    number = 0
    weight = 0.0
    p = begin
    while p < behind and number < method.group:
        if p != token:
            times = method.top + abs(p - token) * method.slope
            room.inputs[number] = place_of(copies, p)
            room.times[number] = np.float32(times)
            weight += times
            number += 1
        p += 1
    for n in range(number, (number + QUARTER - 1) // QUARTER * QUARTER):
        room.inputs[n] = place_of(copies, token)
        room.times[n] = np.float32(0)
    return p, number, weight


@njit(nogil=True, cache=True)
def _meet(
    tree: Tree, copies: Copies, room: Room, length: int, number: int, learning_rate: np.float32
) -> float:
    """All gradients of a path with its inputs at the same point, then nodes and inputs move."""
    stride, path = tree.stride, room.path
    for n in range(length):
        for panel in range(0, stride, LANES):
            store(room.nodes, n * stride + panel, load(tree.rows, path.places[n] + panel))
    loss = splat(np.float32(0))
    for n in range(0, length, QUARTER):
        signs, counts = each_four_times(path.signs, n), each_four_times(path.counts, n)
        rows = shifted(room.node_places, n)
        for i in range(0, number, QUARTER):
            logits = dots_4_by_4(room.nodes, rows, copies.moving, shifted(room.inputs, i), stride)
            times = multiply(counts, four_times_all(room.times, i))
            steps, odds = steps_and_odds(logits, times, signs, learning_rate)
            store_quarters(room.steps, n * MOST_AT_ONCE + i, MOST_AT_ONCE, steps)
            loss = fma(times, log(add(splat(np.float32(1)), odds)), loss)
    if tree.learns:
        for n in range(0, length, QUARTER):
            steps, rows = shifted(room.steps, n * MOST_AT_ONCE), shifted(path.places, n)
            add_products_(
                tree.rows, rows, steps, MOST_AT_ONCE, 1, copies.moving, room.inputs, 0, number, stride
            )
        for i in range(0, number, QUARTER):
            steps, rows = shifted(room.steps, i), shifted(room.inputs, i)
            add_products_(
                copies.moving, rows, steps, 1, MOST_AT_ONCE, room.nodes, room.node_places, 0, length, stride
            )
    return np.float64(total(loss))
