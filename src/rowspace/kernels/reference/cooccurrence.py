"""Counting which rows occur near which, a row at a time.

The usual way takes the text as it comes and looks every pair up in a table of cells. Here the places of
each row are listed first; then one row after another collects the rows around its places into one dense
array of sums. That array stays in the cache, no cell is ever searched for or sorted, and the cells come
out in order of (row, column).

A pair counts a whole number of units, by its distance. Whole numbers add up to the same sum in any order,
so the cells depend neither on the number of threads nor on where the text is cut into chunks.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Int32, Int64, UInt32, UInt64

from rowspace.arrays import END, Stream

Starts = Int64[np.ndarray, "rows_plus_1"]
Columns = Int32[np.ndarray, "cells"]
Sums = UInt64[np.ndarray, "cells"]
Units = UInt64[np.ndarray, "window"]


def thin(ids: Stream, keep: UInt32[np.ndarray, "rows"], *, seed: int, position: int) -> Stream:
    """The ids that sub-sampling keeps, and every END; `ids` starts at `position` of the stream.

    A token stays if the lower 32 of its random bits (SplitMix64 of its position) are at most keep[row].
    """
    bits = np.arange(position, position + len(ids), dtype=np.uint64)
    bits = np.uint64(seed) + bits * np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    bits = bits ^ (bits >> np.uint64(31))
    stays = (ids == END) | ((bits & np.uint64(0xFFFFFFFF)) <= keep[ids])
    kept: Stream = ids[stays]
    return kept


def list_places(
    tokens: Stream, num_rows: int, *, first: int, last: int
) -> tuple[Starts, Int32[np.ndarray, "places"]]:
    """The places [first, last) of `tokens` by row: those of row r are places[starts[r]:starts[r + 1]]."""
    rows = tokens[first:last]
    order = np.argsort(rows, kind="stable")
    known = order[rows[order] != END]
    counts = np.bincount(rows[known], minlength=num_rows)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return starts, (known + first).astype(np.int32)


def count_rows(
    tokens: Stream,
    starts: Starts,
    places: Int32[np.ndarray, "places"],
    units: Units,
    *,
    symmetric: bool,
    first_row: int,
    last_row: int,
) -> tuple[Int64[np.ndarray, "rows"], Columns, Sums]:
    """The cells of rows [first_row, last_row): how many each has, their columns in order, and their sums.

    A token at distance d behind a place of the row, and with `symmetric` before it, counts
    units[d - 1] in the cell (row, its row), unless an END lies between.
    """
    found: list[dict[int, int]] = []
    for row in range(first_row, last_row):
        sums: dict[int, int] = {}
        for place in places[starts[row] : starts[row + 1]].tolist():
            for step in (1, -1) if symmetric else (1,):
                for distance in range(1, len(units) + 1):
                    near = place + step * distance
                    if not 0 <= near < len(tokens) or tokens[near] == END:
                        break
                    column = int(tokens[near])
                    sums[column] = sums.get(column, 0) + int(units[distance - 1])
        found.append(sums)
    return _in_order(found)


def merge_rows(
    starts: Int64[np.ndarray, "runs rows_plus_1"], columns: Columns, sums: Sums, *, num_rows: int
) -> tuple[Int64[np.ndarray, "rows"], Columns, Sums]:
    """Add up cells that were counted in several runs; the result has the form of `count_rows`.

    Cells starts[k, i] to starts[k, i + 1] of `columns` and `sums` are those of run k in row i.
    """
    found: list[dict[int, int]] = []
    for row in range(starts.shape[1] - 1):
        merged: dict[int, int] = {}
        for run in starts:
            for cell in range(run[row], run[row + 1]):
                column = int(columns[cell])
                merged[column] = merged.get(column, 0) + int(sums[cell])
        found.append(merged)
    return _in_order(found)


def _in_order(found: list[dict[int, int]]) -> tuple[Int64[np.ndarray, "rows"], Columns, Sums]:
    """Cells as arrays, by row and column."""
    sizes = np.array([len(sums) for sums in found], np.int64)
    cells = [cell for sums in found for cell in sorted(sums.items())]
    columns = np.array([column for column, _ in cells], np.int32)
    return sizes, columns, np.array([units for _, units in cells], np.uint64)
