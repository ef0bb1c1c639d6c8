"""The k best rows of a block for each query: the tiled twin of ``reference.top_k``.

Sixty-four queries lie side by side in one panel (transposed, so that a tile of 4 rows x 64 queries is
sixteen registers of running sums); a panel of dim 100 fills half of the first-level cache. Nearly every
tile fails the comparison with the floors, which is what makes a search as fast as its products.
B rows of a tile, Q queries of a panel.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from rowspace.arrays import Vectors
from rowspace.kernels.cpu.best_rows import Flat, exact_value, replace_worst_
from rowspace.kernels.cpu.simd import LANES, fma, load, pointer, splat, spread, store
from rowspace.kernels.reference.top_k import (
    BestIds,
    BestValues,
    Queries,
    QueryScalars,
    RowScalars,
)

B = 4
Q = 4 * LANES
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
                            value = exact_value(vectors[row], queries[query], gain[query], metric)
                            if np.isfinite(value) and value > values[query, 0]:
                                replace_worst_(values[query], ids[query], value, first_row + row)
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
    x: Any = pointer(flat)
    q: Any = pointer(panels)
    out: Any = pointer(dots)
    x0, x1 = tile * dim, min(tile + 1, last) * dim
    x2, x3 = min(tile + 2, last) * dim, min(tile + 3, last) * dim
    zero: Any = splat(np.float32(0))
    a0, a1, a2, a3 = zero, zero, zero, zero
    b0, b1, b2, b3 = zero, zero, zero, zero
    c0, c1, c2, c3 = zero, zero, zero, zero
    d0, d1, d2, d3 = zero, zero, zero, zero
    for d in range(dim):
        place = panel + d * Q
        q0, q1 = load(q, place), load(q, place + LANES)
        q2, q3 = load(q, place + 2 * LANES), load(q, place + 3 * LANES)
        a, b, c, e = spread(x, x0 + d), spread(x, x1 + d), spread(x, x2 + d), spread(x, x3 + d)
        a0, a1, a2, a3 = fma(a, q0, a0), fma(a, q1, a1), fma(a, q2, a2), fma(a, q3, a3)
        b0, b1, b2, b3 = fma(b, q0, b0), fma(b, q1, b1), fma(b, q2, b2), fma(b, q3, b3)
        c0, c1, c2, c3 = fma(c, q0, c0), fma(c, q1, c1), fma(c, q2, c2), fma(c, q3, c3)
        d0, d1, d2, d3 = fma(e, q0, d0), fma(e, q1, d1), fma(e, q2, d2), fma(e, q3, d3)
    for row, sums in enumerate(((a0, a1, a2, a3), (b0, b1, b2, b3), (c0, c1, c2, c3), (d0, d1, d2, d3))):
        for part, lanes in enumerate(sums):
            store(out, row * Q + part * LANES, lanes)


@njit(nogil=True, cache=True)
def _any_reaches(lanes: Flat, scale: float, shift: float, heights: Flat) -> bool:
    """Whether any lane's bound reaches its floor; no early way out, so that it runs in vectors."""
    reached = np.int32(0)
    for lane in range(Q):
        reached |= np.int32(not (lanes[lane] * scale + shift < heights[lane]))
    return reached != 0
