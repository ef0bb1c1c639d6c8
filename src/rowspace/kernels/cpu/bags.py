"""Words as bags of rows, one word at a time: kernels/reference/bags.py says what is computed.

A kernel pools the words of a block once into local rows, moves those, and hands the moves to the bags
once: rows of n-grams lie all over a large matrix, so each visit counts. Take the pointers of a `Bags` as
of any array, in the function that holds the arrays::

    bags = Bags(pointer(bag_ids), pointer(bag_offsets))  # len(bag_offsets) == 0: plain words, no bags
    pool_(center, stride, bags, word, x, b * stride)  # x[b] = mean of the word's rows
    add_to_bag_(center, stride, bags, word, moves, b * stride)  # each of its rows += moves[b]

A core finds enough rows to read by itself while it pools: asking for those of the next block ahead of
time, a few at once or many, made skip-gram slower by a tenth.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import njit, types

from rowspace.kernels.cpu.simd import (
    LANES,
    Pointer,
    add,
    intrinsic,
    load,
    place,
    prefetch,
    splat_scalar,
    store,
)
from rowspace.kernels.cpu.tiles import load_panel, number, summed


class Bags(NamedTuple):
    """The bags of all words: word w has the rows ids[offsets[w]:offsets[w + 1]]."""

    ids: Pointer  # int32
    offsets: Pointer  # int64


def _pool_of(num_panels: int) -> Any:
    """Means of `num_panels` panels at once, in registers: a row is read from its start to its end."""

    def panels_(
        typing: Any, matrix: Any, stride: Any, ids: Any, first: Any, last: Any, share: Any, target: Any,
        start: Any, panel: Any,
    ) -> Any:  # fmt: skip
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            matrix, stride, ids, first, last, share, target, start, panel = arguments
            factor = splat_scalar(builder, share)

            def terms(n: Any) -> Any:
                row = builder.sext(builder.load(builder.gep(ids, [n])), ir.IntType(64))
                begin = builder.add(builder.mul(row, stride), panel)
                vectors = [
                    load_panel(builder, matrix, builder.add(begin, number(p * LANES)))
                    for p in range(num_panels)
                ]
                return [factor], vectors

            (means,) = summed(builder, first, last, 1, num_panels, terms)
            for p, mean in enumerate(means):
                offset = builder.add(builder.add(start, panel), number(p * LANES))
                builder.store(mean, place(builder, target, offset), align=4)
            return context.get_dummy_value()

        numbers = [types.int64] * 2
        signature = types.void(
            matrix, types.int64, ids, *numbers, types.float32, target, types.int64, types.int64
        )
        return signature, generate

    return intrinsic(panels_)


_pool_eight_ = _pool_of(8)
_pool_seven_ = _pool_of(7)  # 100 values
_pool_four_ = _pool_of(4)
_pool_two_ = _pool_of(2)
_pool_one_ = _pool_of(1)


@njit(nogil=True, cache=True)
def pool_(matrix: Pointer, stride: int, bags: Bags, word: int, target: Pointer, start: int) -> None:
    """Write the mean of a word's rows, or zeros if it has none, to target[start:start + stride]."""
    first, last = bags.offsets[word], bags.offsets[word + 1]
    share = np.float32(1.0 / max(1, last - first))
    panel = 0
    while stride - panel >= 8 * LANES:
        _pool_eight_(matrix, stride, bags.ids, first, last, share, target, start, panel)
        panel += 8 * LANES
    if stride - panel == 7 * LANES:
        _pool_seven_(matrix, stride, bags.ids, first, last, share, target, start, panel)
        return
    if stride - panel >= 4 * LANES:
        _pool_four_(matrix, stride, bags.ids, first, last, share, target, start, panel)
        panel += 4 * LANES
    if stride - panel >= 2 * LANES:
        _pool_two_(matrix, stride, bags.ids, first, last, share, target, start, panel)
        panel += 2 * LANES
    if stride - panel >= LANES:
        _pool_one_(matrix, stride, bags.ids, first, last, share, target, start, panel)


@njit(nogil=True, cache=True)
def add_to_bag_(matrix: Pointer, stride: int, bags: Bags, word: int, moves: Pointer, start: int) -> None:
    """Add moves[start:start + stride] whole to each of a word's rows."""
    for n in range(bags.offsets[word], bags.offsets[word + 1]):
        row = int(bags.ids[n]) * stride
        for panel in range(0, stride, LANES):
            store(matrix, row + panel, add(load(matrix, row + panel), load(moves, start + panel)))


@njit(nogil=True, cache=True)
def fetch_bag(matrix: Pointer, stride: int, bags: Bags, first: int, last: int) -> None:
    """Ask for the rows ids[first:last], which are soon pooled or moved."""
    for n in range(first, last):
        row = int(bags.ids[n]) * stride
        for panel in range(0, stride, LANES):
            prefetch(matrix, row + panel)
