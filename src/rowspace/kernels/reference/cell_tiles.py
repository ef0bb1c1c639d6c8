"""Putting the cells of a matrix into the order that training meets them in.

A step on a cell moves one center and one context row with all that belongs to them. Tiles, a range of
rows times a range of columns, keep the rows that a run of cells needs few. Within a tile, cells of one
row (or one column, whichever the tile has more of) follow each other, so that this row is moved from
memory once; the rows come in random order, and the cells of a row too.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32, Int32, Int64

from rowspace.kernels.reference.skipgram import random_bits

Ids = Int32[np.ndarray, "cells"]
Logs = Float32[np.ndarray, "cells"]

_MASK = 0xFFFFFFFFFFFFFFFF


def sort_by_tile(
    row_stripes: Int32[np.ndarray, "num_rows"],
    column_stripes: Int32[np.ndarray, "num_rows"],
    rows: Ids,
    columns: Ids,
    logs: Logs,
    *,
    num_stripes: int,
) -> tuple[Int64[np.ndarray, "tiles"], Ids, Ids, Logs]:
    """Sort cells by their tile; those of one tile keep their order.

    A cell's tile is row_stripes[row] * num_stripes + column_stripes[column]. Returns how many cells each
    of the num_stripes**2 tiles has, and the sorted cells.
    """
    tiles = row_stripes[rows] * num_stripes + column_stripes[columns]
    order = np.argsort(tiles, kind="stable")
    sizes = np.bincount(tiles, minlength=num_stripes**2).astype(np.int64)
    return sizes, rows[order], columns[order], logs[order]


def mix_tile(rows: Ids, columns: Ids, logs: Logs, *, seed: int) -> tuple[Ids, Ids, Logs]:
    """The cells of a tile in random order, but those of one row, or of one column, together.

    Which of the two depends on which are spread wider.
    """
    if len(rows) == 0:
        return rows, columns, logs
    groups = (rows - rows.min()) if np.ptp(rows) >= np.ptp(columns) else (columns - columns.min())
    rank = shuffled(int(groups.max()) + 1, seed ^ _MASK)
    order = shuffled(len(rows), seed)
    order = order[np.argsort(rank[groups[order]], kind="stable")]
    return rows[order], columns[order], logs[order]


def shuffled(size: int, seed: int) -> Int64[np.ndarray, "size"]:
    """The numbers below `size` in random order: Fisher and Yates (Durstenfeld 1964) on counted bits."""
    order = np.arange(size)
    for last in range(size - 1, 0, -1):
        place = ((random_bits(seed, last) >> 32) * (last + 1)) >> 32
        order[last], order[place] = order[place], order[last]
    return order
