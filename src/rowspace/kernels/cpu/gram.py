"""Column products and turns of a tall matrix: the twin of ``reference.gram``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from rowspace.arrays import Vectors
from rowspace.kernels.cpu.simd import pointer
from rowspace.kernels.cpu.tiles import add_products_
from rowspace.kernels.reference.gram import Square, Turn

R = 4  # rows a pass


@njit(nogil=True, cache=True)
def column_products(vectors: Vectors) -> Square:
    """Sum the upper triangle R rows at a time, so that a sum is fetched once for R products."""
    rows, stride = vectors.shape
    products = np.zeros((stride, stride))
    x = np.zeros((R, stride))
    for start in range(0, rows, R):
        x[:] = 0
        for row in range(start, min(start + R, rows)):
            x[row - start] = vectors[row]
        for i in range(stride):
            a, b, c, d = x[0, i], x[1, i], x[2, i], x[3, i]
            for j in range(i, stride):
                products[i, j] += a * x[0, j] + b * x[1, j] + c * x[2, j] + d * x[3, j]
    for i in range(stride):
        for j in range(i):
            products[i, j] = products[j, i]
    return products


@njit(nogil=True, cache=True)
def turn_(vectors: Vectors, turn: Turn) -> None:
    """Replace each row by its product with `turn`, R rows at a time."""
    rows, stride = vectors.shape
    x = np.empty((R, stride), np.float32)
    y = np.empty((R, stride), np.float32)
    targets, places = stride * np.arange(R), stride * np.arange(stride)
    factors: Any = pointer(x)
    source: Any = pointer(turn)
    target: Any = pointer(y)
    for start in range(0, rows, R):
        to: Any = pointer(targets)  # here, since an array whose last use lies before the loop may be freed
        at: Any = pointer(places)
        count = min(R, rows - start)
        x[:count] = vectors[start : start + count]
        y[:] = 0
        add_products_(target, to, factors, stride, 1, source, at, 0, stride, stride)
        vectors[start : start + count] = y[:count]
