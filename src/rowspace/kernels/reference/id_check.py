"""Ids made safe to look up, and a record of those that were not.

The record is three numbers in an array, so that on a GPU it can stay there: whoever wants to raise an error
reads it when the work is done, not between every two kernels.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Int32, Int64

from rowspace.arrays import RowIds

AnyIds = Int64[np.ndarray, "n"] | Int32[np.ndarray, "n"]
Fault = Int64[np.ndarray, "3"]


def check_ids(ids: AnyIds, num_rows: int, replacement: int) -> tuple[RowIds, Fault]:
    """Put `replacement` where an id is outside [0, num_rows), and tell how many and which was the first.

    The fault is (how many are outside, the first one's place, its id), and (0, -1, 0) where all are inside.
    The safe ids may be `ids` itself. `replacement` is not checked: a table without rows has no safe one.
    """
    outside = (ids < 0) | (ids >= num_rows)
    if not outside.any():
        return ids.astype(np.int64, copy=False), np.array([0, -1, 0], np.int64)
    first = int(outside.argmax())
    safe = np.where(outside, np.int64(replacement), ids).astype(np.int64, copy=False)
    return safe, np.array([outside.sum(), first, ids[first]], np.int64)
