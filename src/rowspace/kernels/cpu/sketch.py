"""Rows in one signed byte a number, and their scan: the twin of ``reference.sketch`` in vectors.

Memory sets the pace, so the arithmetic need only keep up: four rows at a time, sixteen codes turned to
floats in registers, and one comparison a row, which nearly every row fails.
B rows of a tile.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from rowspace.arrays import Vectors
from rowspace.kernels.cpu.best_rows import Flat, exact_value, replace_worst_
from rowspace.kernels.cpu.simd import LANES, fma, load, load_bytes, pointer, splat, total
from rowspace.kernels.reference.sketch import MOST, SMALLEST, Codes
from rowspace.kernels.reference.top_k import BestIds, BestValues, Queries, QueryScalars, RowScalars

B = 4
ROWS_IN_CACHE = 2048  # whose codes stay in the second-level cache while every query passes over them
REORDERED = {"reassoc", "contract"}  # sums in vectors; the remainder's length allows for any order


@njit(nogil=True, cache=True, fastmath=REORDERED)
def sketch_(vectors: Vectors, codes: Codes, steps: RowScalars, remainders: RowScalars) -> None:
    """Write each row's codes, step, and the length of its remainder; see the reference."""
    bits = vectors.view(np.uint32)
    dim = vectors.shape[1]
    most, smallest = np.float32(MOST), np.float32(SMALLEST)
    box = np.zeros(1, np.uint32)
    for row in range(len(vectors)):
        greatest = np.uint32(0)  # absolute floats are in the order of their bits, infinity and NaN last
        for d in range(dim):
            greatest = max(greatest, bits[row, d] & np.uint32(0x7FFFFFFF))
        box[0] = greatest
        largest = box.view(np.float32)[0]
        if not (largest >= smallest and largest < np.inf):
            codes[row, :dim], steps[row], remainders[row] = 0, 0, 0
            continue
        inverse, square = most / largest, np.float32(0)
        for d in range(dim):
            scaled = vectors[row, d] * inverse
            code = np.rint(scaled)
            codes[row, d] = np.int8(code)
            square += (scaled - code) * (scaled - code)
        steps[row] = largest / most
        remainders[row] = np.sqrt(square) * steps[row]


@njit(nogil=True, cache=True)
def scan_(
    codes: Codes,
    scale: RowScalars,
    shift: RowScalars,
    vectors: Vectors,
    queries: Queries,
    gain: QueryScalars,
    offset: QueryScalars,
    metric: int,
    first_row: int,
    values: BestValues,
    ids: BestIds,
) -> None:
    """Merge the rows of `vectors` into `values` and `ids`; `codes` are at least sixteen wide."""
    rows, width = codes.shape
    flat = codes.reshape(-1)
    spaced = _space(queries, width)
    for start in range(0, rows, ROWS_IN_CACHE):
        stop = min(start + ROWS_IN_CACHE, rows)
        for query in range(len(queries)):
            floor = np.float32(values[query, 0] * gain[query] + offset[query])
            for tile in range(start, stop, B):
                dots = _dot_tile(flat, width, tile, rows - 1, spaced[query])
                for place, dot in enumerate(dots):
                    row = tile + place
                    if row >= stop or dot * scale[row] + shift[row] < floor:
                        continue
                    value = exact_value(vectors[row], queries[query], gain[query], metric)
                    if np.isfinite(value) and value > values[query, 0]:
                        replace_worst_(values[query], ids[query], value, first_row + row)
                        floor = np.float32(values[query, 0] * gain[query] + offset[query])


@njit(nogil=True, cache=True)
def _space(queries: Queries, width: int) -> Queries:
    """The queries in pieces of sixteen; the last piece is the row's last sixteen, less what is done."""
    dim = queries.shape[1]
    spaced = np.zeros((len(queries), -(-width // LANES) * LANES), np.float32)
    last = spaced.shape[1] - LANES
    for query in range(len(queries)):
        for d in range(dim):
            spaced[query, d if d < last else d + spaced.shape[1] - width] = queries[query, d]
    return spaced


@njit(nogil=True, cache=True)
def _dot_tile(flat: Codes, width: int, tile: int, last: int, query: Flat) -> Any:
    """The products of the codes of rows tile to tile + B - 1 (never past `last`) with a spaced query."""
    x: Any = pointer(flat)
    q: Any = pointer(query)
    x0, x1 = tile * width, min(tile + 1, last) * width
    x2, x3 = min(tile + 2, last) * width, min(tile + 3, last) * width
    zero: Any = splat(np.float32(0))
    s0, s1, s2, s3 = zero, zero, zero, zero
    for place in range(0, width, LANES):
        piece, d = load(q, place), min(place, width - LANES)
        s0, s1 = fma(load_bytes(x, x0 + d), piece, s0), fma(load_bytes(x, x1 + d), piece, s1)
        s2, s3 = fma(load_bytes(x, x2 + d), piece, s2), fma(load_bytes(x, x3 + d), piece, s3)
    return total(s0), total(s1), total(s2), total(s3)
