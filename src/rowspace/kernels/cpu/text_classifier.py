"""The linear text classifier in Numba: the reference of this name says what it computes.

Threads may run `train_texts_` at the same time on the same matrices without locks (Hogwild, Recht et al.
2011): two that meet in a row may lose one of the two additions. One thread alone gives the same bits every
time. Rows are a whole number of sixteen floats, see `padded_dim`; what pads them stays zero.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float32
from numba import njit

from rowspace.arrays import Offsets, Vectors, aligned_zeros
from rowspace.kernels.cpu.random_bits import random_bits
from rowspace.kernels.cpu.row_lanes import prefetch_row
from rowspace.kernels.cpu.simd import (
    LANES,
    Pointer,
    fma,
    load,
    multiply,
    pointer,
    splat,
    spread,
    store,
    total,
)
from rowspace.kernels.reference.text_classifier import (
    HIERARCHICAL,
    ONE_VS_ALL,
    SMALLEST,
    SOFTMAX,
    LabelIds,
    Order,
    PathCodes,
    PathNodes,
)
from rowspace.kernels.reference.text_features import EntryCounts, EntryRows, Sizes

AHEAD = 8  # entries between asking for a row and reading it
_HALF = np.uint64(32)
Integer = int | np.integer[Any]


class Bag(NamedTuple):
    """The entries of a text."""

    rows: Pointer
    counts: Pointer
    first: int
    last: int
    size: np.float32


class Room(NamedTuple):
    """Working memory of a text."""

    x: Pointer  # (stride,)
    move: Pointer  # (stride,)
    nodes: Pointer  # of each output in question
    values: Pointer  # its logit, then its chance, then its step
    targets: Pointer


def train_texts_(
    vectors: Vectors,
    output: Vectors,
    rows: EntryRows,
    counts: EntryCounts,
    offsets: Offsets,
    sizes: Sizes,
    labels: LabelIds,
    label_offsets: Offsets,
    path_nodes: PathNodes,
    path_codes: PathCodes,
    path_offsets: Offsets,
    order: Order,
    *,
    loss: int,
    first_moving: int,
    first_shared: int,
    rate: float,
    rate_fall: float,
    seed: int,
) -> float:
    """Visit the texts in `order`, moving `vectors` and `output` in place; return the summed loss.

    The rate falls by `rate_fall` with each visit. Rows below `first_moving` stay; those from `first_shared`
    on are shared. Texts without entries are passed over, and but
    for one-vs-all those without labels. `seed` draws the target among several.
    """
    most = max(len(output), 1)
    room = np.zeros((2, most), np.float32)
    summed = _train(
        vectors, output, rows, counts, offsets, sizes, labels, label_offsets,
        path_nodes, path_codes, path_offsets, order,
        loss, first_moving, first_shared, rate, rate_fall, np.uint64(seed),
        aligned_zeros(2, vectors.shape[1]), np.arange(most), room,
    )  # fmt: skip
    return float(summed)


def average_texts(
    vectors: Vectors, rows: EntryRows, counts: EntryCounts, offsets: Offsets, sizes: Sizes
) -> Float32[np.ndarray, "texts dim"]:
    """The mean of each text, float32 (texts, dim); zeros for a text without entries."""
    means = np.zeros((len(sizes), vectors.shape[1]), np.float32)
    frozen = [array.view() for array in (vectors, rows, counts, offsets, sizes)]
    for array in frozen:
        array.flags.writeable = False
    _average_all(frozen[0], frozen[1], frozen[2], frozen[3], frozen[4], means)
    return means


@njit(nogil=True, cache=True)
def _train(
    vectors: Vectors, output: Vectors, rows: EntryRows, counts: EntryCounts, offsets: Offsets, sizes: Sizes,
    labels: LabelIds, label_offsets: Offsets, path_nodes: PathNodes, path_codes: PathCodes,
    path_offsets: Offsets, order: Order, loss: int, first_moving: int, first_shared: int, rate: float,
    rate_fall: float, seed: np.uint64, hidden: Vectors, nodes: Offsets, values: Vectors,
) -> float:  # fmt: skip
    """Go over the texts one by one. All arrays come from the caller, who keeps them alive."""
    stride = vectors.shape[1]
    base, outputs = pointer(vectors), pointer(output)
    room = Room(
        pointer(hidden[0]), pointer(hidden[1]), pointer(nodes), pointer(values[0]), pointer(values[1])
    )
    summed = 0.0
    for visit in range(len(order)):
        text = order[visit]
        first, last = label_offsets[text], label_offsets[text + 1]
        if sizes[text] == 0 or (first == last and loss != ONE_VS_ALL):
            continue
        bag = Bag(pointer(rows), pointer(counts), offsets[text], offsets[text + 1], np.float32(sizes[text]))
        _average(base, stride, bag, room.x)
        drawn = np.int64(-1)
        if first < last:
            upper = random_bits(seed, np.uint64(visit)) >> _HALF
            drawn = np.int64(labels[first + np.int64((upper * np.uint64(last - first)) >> _HALF)])
        num = len(output)
        if loss == HIERARCHICAL:
            begin, num = path_offsets[drawn], path_offsets[drawn + 1] - path_offsets[drawn]
            for n in range(num):
                room.nodes[n] = path_nodes[begin + n]
                room.targets[n] = np.float32(1) - path_codes[begin + n]
        elif loss == SOFTMAX:
            room.targets[drawn] = np.float32(1)
        else:
            _mark_(room.targets, labels, first, last, np.float32(1))
        summed += _meet(outputs, stride, num, room, loss == SOFTMAX, np.float32(rate - visit * rate_fall))
        if loss == SOFTMAX:
            room.targets[drawn] = np.float32(0)
        elif loss == ONE_VS_ALL:
            _mark_(room.targets, labels, first, last, np.float32(0))
        _move(base, stride, bag, room.move, first_moving, first_shared)
    return summed


@njit(nogil=True, cache=True)
def _mark_(targets: Pointer, labels: LabelIds, first: int, last: int, value: np.float32) -> None:
    """Set the targets of a text's labels."""
    for label in range(first, last):
        targets[labels[label]] = value


@njit(nogil=True, cache=True)
def _average(base: Pointer, stride: int, bag: Bag, x: Pointer) -> None:
    """Write the mean of a text; two rows at a time, so that the sum waits half as often for itself."""
    for panel in range(0, stride, LANES):
        store(x, panel, splat(np.float32(0)))
    for e in range(bag.first, min(bag.first + AHEAD, bag.last)):
        prefetch_row(base, int(bag.rows[e]) * stride, stride)
    e = bag.first
    while e + 1 < bag.last:
        for ahead in range(e + AHEAD, min(e + AHEAD + 2, bag.last)):
            prefetch_row(base, int(bag.rows[ahead]) * stride, stride)
        one, two = np.int64(bag.rows[e]) * stride, np.int64(bag.rows[e + 1]) * stride
        for panel in range(0, stride, LANES):
            pair = fma(spread(bag.counts, e), load(base, one + panel), load(x, panel))
            store(x, panel, fma(spread(bag.counts, e + 1), load(base, two + panel), pair))
        e += 2
    if e < bag.last:
        one = np.int64(bag.rows[e]) * stride
        for panel in range(0, stride, LANES):
            store(x, panel, fma(spread(bag.counts, e), load(base, one + panel), load(x, panel)))
    scale: Any = splat(np.float32(1) / bag.size)
    for panel in range(0, stride, LANES):
        store(x, panel, multiply(scale, load(x, panel)))


@njit(nogil=True, cache=True)
def _meet(outputs: Pointer, stride: int, num: int, room: Room, softmax: bool, rate: np.float32) -> float:
    """Move the outputs in question; leave the step of the mean in room.move, and return the loss."""
    for n in range(num):
        dot: Any = splat(np.float32(0))
        for panel in range(0, stride, LANES):
            dot = fma(load(outputs, room.nodes[n] * stride + panel), load(room.x, panel), dot)
        room.values[n] = total(dot)
    loss = _chances_(room, num) if softmax else _separate_chances_(room, num)
    for n in range(num):
        room.values[n] = rate * (room.targets[n] - room.values[n])
    for panel in range(0, stride, LANES):
        x = load(room.x, panel)
        move: Any = splat(np.float32(0))
        for n in range(num):
            place = room.nodes[n] * stride + panel
            step, row = spread(room.values, n), load(outputs, place)
            move = fma(step, row, move)
            store(outputs, place, fma(step, x, row))
        store(room.move, panel, move)
    return loss


@njit(nogil=True, cache=True)
def _chances_(room: Room, num: int) -> float:
    """Turn logits into their softmax; return the loss of the one target."""
    largest = room.values[0]
    for n in range(1, num):
        largest = max(largest, room.values[n])
    summed = np.float32(0)
    for n in range(num):
        room.values[n] = np.float32(math.exp(room.values[n] - largest))
        summed += room.values[n]
    likely = SMALLEST
    for n in range(num):
        room.values[n] /= summed
        if room.targets[n] > 0:
            likely = max(np.float64(room.values[n]), SMALLEST)
    return -math.log(likely)


@njit(nogil=True, cache=True)
def _separate_chances_(room: Room, num: int) -> float:
    """Turn each logit into its sigmoid; return the summed loss."""
    loss = 0.0
    for n in range(num):
        room.values[n] = np.float32(1) / (np.float32(1) + np.float32(math.exp(-room.values[n])))
        likely = room.values[n] if room.targets[n] > 0 else np.float32(1) - room.values[n]
        loss -= math.log(max(np.float64(likely), SMALLEST))
    return loss


@njit(nogil=True, cache=True)
def _move(base: Pointer, stride: int, bag: Bag, move: Pointer, first_moving: int, first_shared: int) -> None:
    """Hand the step of the mean to the rows of the text."""
    scale: Any = splat(np.float32(1) / bag.size)
    for panel in range(0, stride, LANES):
        store(move, panel, multiply(scale, load(move, panel)))
    for e in range(bag.first, bag.last):
        row = np.int64(bag.rows[e])
        if row < first_moving:
            continue
        often: Any = splat(np.float32(1) if row >= first_shared else bag.counts[e])
        for panel in range(0, stride, LANES):
            place = row * stride + panel
            store(base, place, fma(often, load(move, panel), load(base, place)))


@njit(nogil=True, cache=True)
def _average_all(
    vectors: Vectors, rows: EntryRows, counts: EntryCounts, offsets: Offsets, sizes: Sizes, means: Vectors
) -> None:
    stride = vectors.shape[1]
    for text in range(len(sizes)):
        if sizes[text] > 0:
            bag = Bag(
                pointer(rows), pointer(counts), offsets[text], offsets[text + 1], np.float32(sizes[text])
            )
            _average(pointer(vectors), stride, bag, pointer(means[text]))
