"""Rows copied out of a table: the twin of ``reference.row_gathering``."""

from __future__ import annotations

from typing import Any

from numba import njit

from rowspace.arrays import RowIds, Vectors
from rowspace.kernels.cpu.row_lanes import load_up_to, prefetch_shared_row, store_up_to
from rowspace.kernels.cpu.simd import LANES, pointer

AHEAD = 16  # rows


@njit(nogil=True, cache=True)
def gather_rows_(vectors: Vectors, ids: RowIds, out: Vectors) -> None:
    """Write vectors[ids[i]] to out[i], float32 (ids, dim)."""
    dim, last = vectors.shape[1], len(ids) - 1
    x: Any = pointer(vectors)
    y: Any = pointer(out)
    for i in range(len(ids)):
        prefetch_shared_row(x, ids[min(i + AHEAD, last)] * dim, dim)
        for d in range(0, dim, LANES):
            store_up_to(y, i * dim + d, dim - d, load_up_to(x, ids[i] * dim + d, dim - d))
