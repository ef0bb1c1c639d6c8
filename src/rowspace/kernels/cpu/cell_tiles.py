"""The order of cells in training, in Numba: kernels/reference/cell_tiles.py says what it computes."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int32, Int64
from numba import njit

from rowspace.kernels.cpu.random_bits import random_bits
from rowspace.kernels.reference.cell_tiles import Ids, Logs

_HALF = np.uint64(32)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


@njit(nogil=True, cache=True)
def sort_by_tile(
    row_stripes: Int32[np.ndarray, "num_rows"],
    column_stripes: Int32[np.ndarray, "num_rows"],
    rows: Ids,
    columns: Ids,
    logs: Logs,
    *,
    num_stripes: int,
) -> tuple[Int64[np.ndarray, "tiles"], Ids, Ids, Logs]:
    """Sort cells by tile; equal ones keep their order. Returns the sizes of the tiles, and the cells."""
    tiles = np.empty(len(rows), np.int32)
    sizes = np.zeros(num_stripes * num_stripes, np.int64)
    for cell in range(len(rows)):
        tile = row_stripes[np.uint32(rows[cell])] * num_stripes + column_stripes[np.uint32(columns[cell])]
        tiles[cell] = tile
        sizes[tile] += 1
    places = np.cumsum(sizes) - sizes
    new_rows, new_columns, new_logs = np.empty_like(rows), np.empty_like(columns), np.empty_like(logs)
    for cell in range(len(rows)):
        place = places[np.uint32(tiles[cell])]
        places[np.uint32(tiles[cell])] += 1
        new_rows[place], new_columns[place], new_logs[place] = rows[cell], columns[cell], logs[cell]
    return sizes, new_rows, new_columns, new_logs


def mix_tile(rows: Ids, columns: Ids, logs: Logs, *, seed: int) -> tuple[Ids, Ids, Logs]:
    """The cells of a tile in random order, but those of one row, or of one column, together."""
    if len(rows) == 0:
        return rows, columns, logs
    groups = rows if np.ptp(rows) >= np.ptp(columns) else columns
    order = _mixed(groups, int(groups.min()), int(groups.max()), np.uint64(seed))
    return rows[order], columns[order], logs[order]


@njit(nogil=True, cache=True)
def _mixed(groups: Ids, low: int, high: int, seed: np.uint64) -> Int64[np.ndarray, "cells"]:
    """The places of the cells in their new order."""
    rank = shuffled(high - low + 1, seed ^ _ALL)
    order = shuffled(len(groups), seed)
    starts = np.zeros(len(rank) + 1, np.int64)
    for cell in range(len(groups)):
        starts[rank[groups[cell] - low] + 1] += 1
    for group in range(len(rank)):
        starts[group + 1] += starts[group]
    mixed = np.empty(len(groups), np.int64)
    for cell in order:
        group = rank[groups[cell] - low]
        mixed[starts[group]] = cell
        starts[group] += 1
    return mixed


@njit(nogil=True, cache=True)
def shuffled(size: int, seed: np.uint64) -> Int64[np.ndarray, "size"]:
    """The numbers below `size` in random order."""
    order = np.arange(size)
    for last in range(size - 1, 0, -1):
        bits = random_bits(seed, np.uint64(last)) >> _HALF
        place = np.int64((bits * np.uint64(last + 1)) >> _HALF)
        order[last], order[place] = order[place], order[last]
    return order
