"""Means of bags of rows, added in the order of the bag in float32, as fastText adds them."""

from __future__ import annotations

import numpy as np

from rowspace.arrays import Offsets, RowIds, Vectors

FLOATS_AT_A_TIME = 1 << 20  # of rows that are copied together


def pool_(vectors: Vectors, ids: RowIds, offsets: Offsets, out: Vectors) -> None:
    """Write the mean of each bag to `out`, float32 (bags, dim); an empty bag has a mean of zeros."""
    sizes = np.diff(offsets)
    out[:] = 0
    step = max(1, FLOATS_AT_A_TIME // max(vectors.shape[1], 1))
    bag_of = np.repeat(np.arange(len(sizes)), sizes)
    for start in range(0, len(ids), step):
        np.add.at(out, bag_of[start : start + step], vectors[ids[start : start + step]])
    out /= np.maximum(sizes, 1).astype(np.float32)[:, None]
