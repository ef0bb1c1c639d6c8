"""The k best rows of a block for each query: the tiled twin of ``reference.top_k``.

Sixty-four queries lie side by side in one panel (transposed, so that a tile of 4 rows x 64 queries is
sixteen registers of running sums); a panel of dim 100 fills half of the first-level cache. Nearly every
tile fails the comparison with the floors, which is what makes a search as fast as its products.
B rows of a tile, Q queries of a panel.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float32, Int64
from numba import njit

from rowspace.arrays import Vector, Vectors
from rowspace.kernels.cpu import simd
from rowspace.kernels.reference.top_k import (
    COSINE,
    EUCLIDEAN,
    BestIds,
    BestValues,
    Queries,
    QueryScalars,
    RowScalars,
)

B = 4
Q = 4 * simd.LANES
Flat = Float32[np.ndarray, "floats"]
ROWS_IN_CACHE = 256  # rows that stay in the second-level cache while every panel passes over them


@njit(nogil=True, cache=True)
def scan_(
    vectors: Vectors,
    scale: RowScalars,
    shift: RowScalars,
    queries: Queries,
    gain: QueryScalars,
    offset: QueryScalars,
    metric: int,
    first_row: int,
    values: BestValues,
    ids: BestIds,
) -> None:
    """Merge the rows of `vectors` into `values` and `ids`: heaps with the worst row first."""
    rows, dim = vectors.shape
    flat = vectors.reshape(-1)
    panels = _pack(queries)
    floors = np.full(-(-len(queries) // Q) * Q, np.inf, np.float32)  # no row reaches a lane without query
    for query in range(len(queries)):
        floors[query] = values[query, 0] * gain[query] + offset[query]
    dots = np.empty(B * Q, np.float32)
    for start in range(0, rows, ROWS_IN_CACHE):
        stop = min(start + ROWS_IN_CACHE, rows)
        for first in range(0, len(floors), Q):
            heights = floors[first : first + Q]
            for tile in range(start, stop, B):
                _dot_tile_(flat, dim, tile, rows - 1, panels, first * dim, dots)
                for row in range(tile, min(tile + B, stop)):
                    lanes = dots[(row - tile) * Q : (row - tile + 1) * Q]
                    if not _any_reaches(lanes, scale[row], shift[row], heights):
                        continue
                    for query in range(first, min(first + Q, len(queries))):
                        bound = lanes[query - first] * scale[row] + shift[row]
                        if not bound < floors[query]:
                            value = _exact_value(vectors[row], queries[query], gain[query], metric)
                            if np.isfinite(value) and value > values[query, 0]:
                                _replace_worst_(values[query], ids[query], value, first_row + row)
                                floors[query] = values[query, 0] * gain[query] + offset[query]


@njit(nogil=True, cache=True)
def _pack(queries: Queries) -> Flat:
    """The queries as panels end to end, each (dim, Q), filled up with zero queries."""
    dim = queries.shape[1]
    panels = np.zeros((-(-len(queries) // Q), dim, Q), np.float32)
    for query in range(len(queries)):
        for d in range(dim):
            panels[query // Q, d, query % Q] = queries[query, d]
    return panels.reshape(-1)


@njit(nogil=True, cache=True)
def _dot_tile_(flat: Flat, dim: int, tile: int, last: int, panels: Flat, panel: int, dots: Flat) -> None:
    """Write the products of rows tile to tile + B - 1 (never past `last`) with the panel's Q queries."""
    x0 = tile * dim
    x1 = min(tile + 1, last) * dim
    x2 = min(tile + 2, last) * dim
    x3 = min(tile + 3, last) * dim
    zero: Any = simd.splat(np.float32(0))
    a0, a1, a2, a3 = zero, zero, zero, zero
    b0, b1, b2, b3 = zero, zero, zero, zero
    c0, c1, c2, c3 = zero, zero, zero, zero
    d0, d1, d2, d3 = zero, zero, zero, zero
    for d in range(dim):
        place = panel + d * Q
        q0, q1 = simd.load(panels, place), simd.load(panels, place + 16)
        q2, q3 = simd.load(panels, place + 32), simd.load(panels, place + 48)
        x = simd.splat(flat[x0 + d])
        a0, a1, a2, a3 = simd.fma(x, q0, a0), simd.fma(x, q1, a1), simd.fma(x, q2, a2), simd.fma(x, q3, a3)
        x = simd.splat(flat[x1 + d])
        b0, b1, b2, b3 = simd.fma(x, q0, b0), simd.fma(x, q1, b1), simd.fma(x, q2, b2), simd.fma(x, q3, b3)
        x = simd.splat(flat[x2 + d])
        c0, c1, c2, c3 = simd.fma(x, q0, c0), simd.fma(x, q1, c1), simd.fma(x, q2, c2), simd.fma(x, q3, c3)
        x = simd.splat(flat[x3 + d])
        d0, d1, d2, d3 = simd.fma(x, q0, d0), simd.fma(x, q1, d1), simd.fma(x, q2, d2), simd.fma(x, q3, d3)
    for lane, (r0, r1, r2, r3) in enumerate(
        ((a0, a1, a2, a3), (b0, b1, b2, b3), (c0, c1, c2, c3), (d0, d1, d2, d3))
    ):
        simd.store(dots, lane * Q, r0)
        simd.store(dots, lane * Q + 16, r1)
        simd.store(dots, lane * Q + 32, r2)
        simd.store(dots, lane * Q + 48, r3)


@njit(nogil=True, cache=True)
def _any_reaches(lanes: Flat, scale: float, shift: float, heights: Flat) -> bool:
    """Whether any lane's bound reaches its floor; no early way out, so that it runs in vectors."""
    reached = np.int32(0)
    for lane in range(Q):
        reached |= np.int32(not (lanes[lane] * scale + shift < heights[lane]))
    return reached != 0


@njit(nogil=True, cache=True)
def _exact_value(vector: Vector, query: Vector, query_length: float, metric: int) -> np.float32:
    """The value of one row in float64, rounded to float32."""
    exact, square = 0.0, 0.0
    for d in range(len(vector)):
        x, q = np.float64(vector[d]), np.float64(query[d])
        if metric == EUCLIDEAN:
            exact -= (x - q) * (x - q)
        else:
            exact += x * q
            square += x * x
    if metric == COSINE:
        lengths = np.sqrt(square) * query_length
        exact = 0.0 if lengths == 0.0 else exact / lengths
    return np.float32(exact)


@njit(nogil=True, cache=True)
def _replace_worst_(
    values: Float32[np.ndarray, "k"], ids: Int64[np.ndarray, "k"], value: np.float32, row: int
) -> None:
    """Put a row in the place of the heap's first and let it sink below every worse one."""
    place = 0
    while True:
        child = 2 * place + 1
        if child >= len(values):
            break
        if child + 1 < len(values) and _is_worse(values, ids, child + 1, values[child], ids[child]):
            child += 1
        if not _is_worse(values, ids, child, value, row):
            break
        values[place], ids[place] = values[child], ids[child]
        place = child
    values[place], ids[place] = value, row


@njit(nogil=True, cache=True)
def _is_worse(
    values: Float32[np.ndarray, "k"], ids: Int64[np.ndarray, "k"], place: int, value: np.float32, row: int
) -> bool:
    """Whether the row at `place` comes after (value, row) in the order of neighbours."""
    return values[place] < value or (values[place] == value and ids[place] > row)
