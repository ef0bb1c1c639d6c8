"""The check of ids in Numba: one pass that counts; a second one only where an id was outside."""

from __future__ import annotations

import numpy as np
from numba import njit

from rowspace.arrays import RowIds
from rowspace.kernels.reference.id_check import AnyIds, Fault


def check_ids(ids: AnyIds, num_rows: int, replacement: int) -> tuple[RowIds, Fault]:
    """Put `replacement` where an id is outside [0, num_rows), and tell how many and which was the first.

    The fault is (how many are outside, the first one's place, its id), and (0, -1, 0) where all are inside.
    The safe ids may be `ids` itself. `replacement` is not checked: a table without rows has no safe one.
    """
    wide = ids.astype(np.int64, copy=False)
    fault = np.array([0, -1, 0], np.int64)
    view = wide.view()
    view.flags.writeable = False  # mapped ids are read-only, and one kind of argument is compiled once
    outside = _count_outside(view, np.uint64(num_rows))
    if not outside:
        return wide, fault
    safe = np.empty_like(wide)
    fault[0], fault[1] = outside, _replace_(view, np.uint64(num_rows), replacement, safe)
    fault[2] = wide[fault[1]]
    return safe, fault


@njit(nogil=True, cache=True)
def _count_outside(ids: RowIds, num_rows: np.uint64) -> int:
    """How many ids are outside; as unsigned numbers the negative ones are large, so one comparison does."""
    outside = 0
    for place in range(len(ids)):
        outside += int(np.uint64(ids[place]) >= num_rows)
    return outside


@njit(nogil=True, cache=True)
def _replace_(ids: RowIds, num_rows: np.uint64, replacement: int, safe: RowIds) -> int:
    """Write the safe ids; return the place of the first one outside."""
    first = -1
    for place in range(len(ids)):
        inside = np.uint64(ids[place]) < num_rows
        safe[place] = ids[place] if inside else replacement
        if first < 0 and not inside:
            first = place
    return first
