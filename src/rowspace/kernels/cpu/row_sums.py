"""The gradient of each row: the twin of ``reference.row_sums``."""

from __future__ import annotations

from typing import Any

from numba import njit

from rowspace.arrays import Vectors
from rowspace.kernels.cpu.row_lanes import sum_entries_
from rowspace.kernels.cpu.simd import pointer
from rowspace.kernels.reference.bag_pooling import Coefficients, Sources
from rowspace.kernels.reference.row_segments import Starts


@njit(nogil=True, cache=True)
def sum_rows_(
    starts: Starts, sources: Sources, coefficients: Coefficients, outputs: Vectors, out: Vectors
) -> None:
    """Write the summed gradient of each row to `out`, float32 (distinct, dim), added in order of entries."""
    dim = outputs.shape[1]
    x: Any = pointer(outputs)
    rows: Any = pointer(sources)
    c: Any = pointer(coefficients)
    y: Any = pointer(out)
    weighted = len(coefficients) > 0
    for i in range(len(starts) - 1):
        sum_entries_(x, dim, rows, c, weighted, starts[i], starts[i + 1], y, i * dim)
