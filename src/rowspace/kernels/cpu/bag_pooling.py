"""What bags of rows give: the twin of ``reference.bag_pooling``."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types

from rowspace.arrays import Offsets, RowIds, Vectors
from rowspace.kernels.cpu.row_lanes import load_up_to, prefetch_shared_row, store_up_to, sum_entries_
from rowspace.kernels.cpu.simd import (
    LANES,
    add,
    float16x,
    fma,
    intrinsic,
    load,
    pointer,
    splat,
    splat_scalar,
    store,
    transpose,
)
from rowspace.kernels.reference.bag_pooling import Coefficients, EntryValues, Places, Sources

AHEAD = 16  # entries
SQUARE = LANES * LANES


@njit(nogil=True, cache=True)
def pool_bags_(
    vectors: Vectors, ids: RowIds, offsets: Offsets, coefficients: Coefficients, out: Vectors
) -> None:
    """Write the sum of coefficients[e] * vectors[ids[e]] over each bag to `out`, float32 (bags, dim)."""
    dim = vectors.shape[1]
    x: Any = pointer(vectors)
    rows: Any = pointer(ids)
    c: Any = pointer(coefficients)
    y: Any = pointer(out)
    weighted = len(coefficients) > 0
    for bag in range(len(offsets) - 1):
        sum_entries_(x, dim, rows, c, weighted, offsets[bag], offsets[bag + 1], y, bag * dim)


@intrinsic
def _where_above(typing: Any, x: Any, y: Any, chosen: Any, other: Any) -> Any:
    """The lanes of `chosen` where x is above y, and of `other` elsewhere; NaN is above every number."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        x, y, chosen, other = arguments
        above = builder.and_(builder.fcmp_unordered(">", x, y), builder.fcmp_ordered("ord", y, y))
        return builder.select(above, chosen, other)

    return float16x(float16x, float16x, float16x, float16x), generate


@intrinsic
def _splat_bits(typing: Any, number: Any) -> Any:
    """One int32 in all lanes, as the bits of floats, which are copied but never computed with."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return splat_scalar(builder, builder.bitcast(arguments[0], ir.FloatType()))

    return float16x(types.int32), generate


@njit(nogil=True, cache=True)
def max_of_bags_(vectors: Vectors, ids: RowIds, offsets: Offsets, out: Vectors, places: Places) -> None:
    """Write the greatest value of each bag and dimension to `out`, and the entry holding it to `places`.

    Sixteen dimensions at a time, with their places counted from the first entry of the bag.
    """
    dim = vectors.shape[1]
    x: Any = pointer(vectors)
    y: Any = pointer(out)
    turns = np.empty(LANES, np.int32)
    for bag in range(len(offsets) - 1):
        first, last = offsets[bag], offsets[bag + 1]
        if first == last:
            out[bag], places[bag] = np.float32(0), -1
            continue
        for d in range(0, dim, LANES):
            best: Any = load_up_to(x, ids[first] * dim + d, dim - d)
            turn: Any = _splat_bits(np.int32(0))
            for e in range(first + 1, last):
                value: Any = load_up_to(x, ids[e] * dim + d, dim - d)
                turn = _where_above(value, best, _splat_bits(np.int32(e - first)), turn)
                best = _where_above(value, best, value, best)
            store_up_to(y, bag * dim + d, dim - d, best)
            t: Any = pointer(turns)
            store(t, 0, turn)
            for lane in range(min(LANES, dim - d)):
                places[bag, d + lane] = first + turns[lane]


@njit(nogil=True, cache=True)
def coefficient_gradients_(
    vectors: Vectors, ids: RowIds, sources: Sources, outputs: Vectors, out: EntryValues
) -> None:
    """Write the dot product of vectors[ids[e]] and outputs[sources[e]] to out[e].

    The lanes of sixteen entries are added at once, as a square that is transposed.
    """
    dim = vectors.shape[1]
    x: Any = pointer(vectors)
    y: Any = pointer(outputs)
    dots: Any = pointer(out)
    squares = np.zeros(2 * SQUARE, np.float32)  # the products of sixteen entries, as they come and transposed
    for start in range(0, len(ids), LANES):
        square: Any = pointer(squares)  # taken inside the loop, which so keeps the memory
        for e in range(start, min(start + LANES, len(ids))):
            prefetch_shared_row(x, ids[min(e + AHEAD, len(ids) - 1)] * dim, dim)
            products: Any = splat(np.float32(0))
            i, j = ids[e] * dim, sources[e] * dim
            for d in range(0, dim, LANES):
                products = fma(load_up_to(x, i + d, dim - d), load_up_to(y, j + d, dim - d), products)
            store(square, (e - start) * LANES, products)
        transpose(square, 0, LANES, square, SQUARE)
        totals: Any = splat(np.float32(0))
        for lane in range(LANES):
            totals = add(totals, load(square, SQUARE + lane * LANES))
        store_up_to(dots, start, len(ids) - start, totals)
