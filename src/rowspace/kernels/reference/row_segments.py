"""Entries grouped by the row that they belong to, the one form in which gradients reach the kernels.

Entry e names row ids[e]. Grouped, the entries of rows[i] are order[starts[i]:starts[i + 1]], in the order
in which they came; so a sum over them does not depend on how rows are shared among threads.
"""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from jaxtyping import Int64

from rowspace.arrays import Offsets, RowIds

RowsOnce = Int64[np.ndarray, "distinct"]  # ascending, none twice
Starts = Int64[np.ndarray, "distinct_plus_1"]  # rising; places among all entries, also in a slice
Order = Int64[np.ndarray, "entries"]
SliceEnds = Int64[np.ndarray, "parts_plus_1"]

ROW_COST = 32  # entries summed in the time in which a row comes from memory, moves and goes back


def group_rows(ids: RowIds, num_rows: int) -> tuple[RowsOnce, Starts, Order]:
    """The distinct rows ascending, where their entries start, and the places of `ids` sorted stably by id.

    `ids` lie in [0, num_rows); `num_rows` may pass 2**32. The cost is linear in the entries, and does not
    depend on `num_rows` but for the number of its digits.
    """
    order = np.argsort(ids, kind="stable")
    rows, firsts = np.unique(ids[order], return_index=True)
    return rows, np.append(firsts, len(ids)), order


def group_bags(ids: RowIds, offsets: Offsets, num_rows: int) -> tuple[RowsOnce, Starts, Order]:
    """As `group_rows`, but the third is the bag of each entry, not its place: its row of bag gradients.

    `offsets` run from 0 to the number of entries. Without a factor for each entry the places are not needed;
    so this saves two passes over the entries.
    """
    rows, starts, order = group_rows(ids, num_rows)
    return rows, starts, np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))[order]


def even_slices(starts: Starts, parts: int, row_cost: int = ROW_COST) -> SliceEnds:
    """Ends of `parts` slices of the rows that take about equal time: int64 (parts + 1,), from 0 to distinct.

    Thread t works on rows[ends[t]:ends[t + 1]] with starts[ends[t]:ends[t + 1] + 1]. A row costs its entries
    and `row_cost` more, as if it had so many more: where frequent rows come first, equal entries would leave
    nearly all rows to the last thread. For sums of bags, given as `offsets`, 1 is right. No row is
    divided, so one with most of the entries makes a slice of its own. Each end is found by bisection.
    """
    last = len(starts) - 1
    first = int(starts[0])

    def cost(i: int) -> int:
        return int(starts[i]) - first + row_cost * i

    inner = [bisect_left(range(last), cost(last) * part / parts, key=cost) for part in range(1, parts)]
    return np.array([0, *inner, last], np.int64)
