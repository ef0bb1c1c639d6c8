"""Sparse times dense, row by row: the twin of ``reference.sparse_product``.

A row of the product stays in registers, P vectors of it at a time, while the dense rows that it sums pass
by. Those are read in no order that the machine could guess, so each is asked for some cells before.
Strides are multiples of 16.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from rowspace.arrays import Offsets
from rowspace.kernels.cpu.simd import LANES, Pointer, fma, load, pointer, prefetch, splat, spread, store
from rowspace.kernels.reference.sparse_product import CellValues, Columns, OfColumns, OfRows

P = 4
AHEAD = 8  # cells


@njit(nogil=True, cache=True)
def multiply_(
    offsets: Offsets, columns: Columns, values: CellValues, dense: OfColumns, product: OfRows
) -> None:
    """Write product = sparse x dense."""
    stride = dense.shape[1]
    c: Any = pointer(columns)
    v: Any = pointer(values)
    x: Any = pointer(dense)
    y: Any = pointer(product)
    end = offsets[len(offsets) - 1]
    for row in range(len(offsets) - 1):
        first, last, target = offsets[row], offsets[row + 1], row * stride
        if stride < P * LANES:
            for panel in range(0, stride, LANES):
                _sum_one_(c, v, first, last, x, stride, panel, y, target + panel)
            continue
        for start in range(0, stride, P * LANES):
            panel = min(start, stride - P * LANES)  # the last one may sum some columns again
            _sum_four_(c, v, first, last, end, x, stride, panel, y, target + panel)


@njit(nogil=True, cache=True)
def _sum_four_(
    c: Pointer,
    v: Pointer,
    first: int,
    last: int,
    end: int,
    x: Pointer,
    stride: int,
    panel: int,
    y: Pointer,
    target: int,
) -> None:
    """Write P vectors of a row of the product, from `target` on."""
    zero: Any = splat(np.float32(0))
    s0, s1, s2, s3 = zero, zero, zero, zero
    for j in range(first, last):
        ahead = np.int64(c[min(j + AHEAD, end - 1)]) * stride + panel
        for part in range(P):
            prefetch(x, ahead + part * LANES)
        factor: Any = spread(v, j)
        i = np.int64(c[j]) * stride + panel
        s0 = fma(factor, load(x, i), s0)
        s1 = fma(factor, load(x, i + LANES), s1)
        s2 = fma(factor, load(x, i + 2 * LANES), s2)
        s3 = fma(factor, load(x, i + 3 * LANES), s3)
    store(y, target, s0)
    store(y, target + LANES, s1)
    store(y, target + 2 * LANES, s2)
    store(y, target + 3 * LANES, s3)


@njit(nogil=True, cache=True)
def _sum_one_(
    c: Pointer,
    v: Pointer,
    first: int,
    last: int,
    x: Pointer,
    stride: int,
    panel: int,
    y: Pointer,
    target: int,
) -> None:
    """Write one vector of a row of the product."""
    total: Any = splat(np.float32(0))
    for j in range(first, last):
        total = fma(spread(v, j), load(x, np.int64(c[j]) * stride + panel), total)
    store(y, target, total)


@njit(nogil=True, cache=True)
def add_transposed_(
    offsets: Offsets,
    columns: Columns,
    values: CellValues,
    dense: OfRows,
    product: OfColumns,
    first: int,
    last: int,
) -> None:
    """Add transposed sparse x dense to the columns first to last of `product`."""
    stride = dense.shape[1]
    c: Any = pointer(columns)
    v: Any = pointer(values)
    x: Any = pointer(dense)
    y: Any = pointer(product)
    end = offsets[len(offsets) - 1]
    for row in range(len(offsets) - 1):
        for j in range(offsets[row], offsets[row + 1]):
            ahead = np.int64(c[min(j + AHEAD, end - 1)]) * stride
            factor: Any = spread(v, j)
            target = np.int64(c[j]) * stride
            for panel in range(first, last, LANES):
                prefetch(y, ahead + panel)
                update: Any = fma(factor, load(x, row * stride + panel), load(y, target + panel))
                store(y, target + panel, update)
