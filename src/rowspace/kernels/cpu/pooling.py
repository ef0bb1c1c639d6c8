"""Means of bags in Numba: the same sums as ``reference.pooling`` in the same order, so the same bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from rowspace.arrays import Offsets, RowIds, Vectors


def pool_(vectors: Vectors, ids: RowIds, offsets: Offsets, out: Vectors) -> None:
    """Write the mean of each bag to `out`, float32 (bags, dim); an empty bag has a mean of zeros."""
    _pool_(_frozen(vectors), _frozen(ids), _frozen(offsets), out)


def _frozen(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A read-only view: mapped arrays are read-only, and one kind of argument is compiled once."""
    view = array.view()
    view.flags.writeable = False
    return view


@njit(nogil=True, cache=True)
def _pool_(vectors: Vectors, ids: RowIds, offsets: Offsets, out: Vectors) -> None:
    dim = vectors.shape[1]
    for bag in range(len(offsets) - 1):
        first, last = offsets[bag], offsets[bag + 1]
        mean = out[bag]
        mean[:] = np.float32(0)
        for place in range(first, last):
            row = vectors[ids[place]]
            for d in range(dim):
                mean[d] += row[d]
        if last > first:
            size = np.float32(last - first)
            for d in range(dim):
                mean[d] /= size
