"""The best rows of a query so far, as a heap whose first is the worst, and the exact value of a row."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32, Int64
from numba import njit

from rowspace.arrays import Vector
from rowspace.kernels.reference.top_k import COSINE, EUCLIDEAN

Flat = Float32[np.ndarray, "floats"]


@njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})  # sums in vectors
def exact_value(vector: Vector, query: Vector, query_length: float, metric: int) -> np.float32:
    """The value of one row in float64, rounded to float32."""
    exact, square = 0.0, 0.0
    if metric == EUCLIDEAN:
        for d in range(len(vector)):
            gap = np.float64(vector[d]) - np.float64(query[d])
            exact -= gap * gap
    else:
        for d in range(len(vector)):
            x = np.float64(vector[d])
            exact += x * np.float64(query[d])
            square += x * x
    if metric == COSINE:
        lengths = np.sqrt(square) * query_length
        exact = 0.0 if lengths == 0.0 else exact / lengths
    return np.float32(exact)


@njit(nogil=True, cache=True)
def replace_worst_(
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
