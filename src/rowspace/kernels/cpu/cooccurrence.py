"""Counting which rows occur near which, in Numba: kernels/reference/cooccurrence.py says what it computes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int32, Int64, UInt32, UInt64
from numba import njit, types

from rowspace.arrays import END, Stream
from rowspace.kernels.cpu.random_bits import random_bits
from rowspace.kernels.cpu.simd import Pointer, intrinsic, pointer
from rowspace.kernels.reference.cooccurrence import Columns, Starts, Sums, Units

Places = Int32[np.ndarray, "places"]
Sizes = Int64[np.ndarray, "rows"]
Totals = UInt64[np.ndarray, "rows"]
Marks = UInt64[np.ndarray, "words"]

_LOW = np.uint64(0xFFFFFFFF)
_ONE = np.uint64(1)


class Room(NamedTuple):
    """A sum for each column, a bit for each sum that is not zero, and a bit for each 64 such bits."""

    totals: Pointer
    marks: Pointer
    summary: Pointer
    size: int  # of the summary


def thin(ids: Stream, keep: UInt32[np.ndarray, "rows"], *, seed: int, position: int) -> Stream:
    """The ids that sub-sampling keeps, and every END."""
    kept = np.empty(len(ids), np.int32)
    return kept[: _thin(ids, keep, np.uint64(seed), position, kept)]


@njit(nogil=True, cache=True)
def _thin(ids: Stream, keep: UInt32[np.ndarray, "rows"], seed: np.uint64, position: int, kept: Stream) -> int:
    count = 0
    for place in range(len(ids)):
        row = ids[place]
        bits = random_bits(seed, np.uint64(position + place))
        if row == END or (bits & _LOW) <= keep[row]:
            kept[count] = row
            count += 1
    return count


@njit(nogil=True, cache=True)
def list_places(tokens: Stream, num_rows: int, *, first: int, last: int) -> tuple[Starts, Places]:
    """The places [first, last) of `tokens` by row."""
    starts = np.zeros(num_rows + 1, np.int64)
    for place in range(first, last):
        if tokens[place] != END:
            starts[tokens[place] + 1] += 1
    for row in range(num_rows):
        starts[row + 1] += starts[row]
    ends = starts[:-1].copy()
    places = np.empty(starts[num_rows], np.int32)
    for place in range(first, last):
        row = tokens[place]
        if row != END:
            places[ends[row]] = place
            ends[row] += 1
    return starts, places


def count_rows(
    tokens: Stream,
    starts: Starts,
    places: Places,
    units: Units,
    *,
    symmetric: bool,
    first_row: int,
    last_row: int,
) -> tuple[Sizes, Columns, Sums]:
    """The cells of rows [first_row, last_row): how many each has, their columns in order, and their sums."""
    num_rows = len(starts) - 1
    reach = (1 + symmetric) * len(units)
    most = int(np.minimum(np.diff(starts[first_row : last_row + 1]) * reach, num_rows).sum())
    sizes, columns, sums = _new_cells(last_row - first_row, most)
    count = _count_rows(
        tokens, starts, places, units, symmetric, first_row, *_room(num_rows), sizes, columns, sums
    )
    return sizes, columns[:count], sums[:count]


def merge_rows(
    starts: Int64[np.ndarray, "runs rows_plus_1"], columns: Columns, sums: Sums, *, num_rows: int
) -> tuple[Sizes, Columns, Sums]:
    """Add up cells that were counted in several runs; the result has the form of `count_rows`."""
    most = int(np.minimum(np.diff(starts, axis=1).sum(axis=0), num_rows).sum())
    sizes, merged, merged_sums = _new_cells(starts.shape[1] - 1, most)
    count = _merge_rows(starts, columns, sums, *_room(num_rows), sizes, merged, merged_sums)
    return sizes, merged[:count], merged_sums[:count]


def _room(num_rows: int) -> tuple[Totals, Marks, Marks]:
    """The arrays of a Room. They are made here since compiled code would free them under its pointers."""
    words = (num_rows + 63) // 64
    return (
        np.zeros(num_rows, np.uint64),
        np.zeros(words, np.uint64),
        np.zeros((words + 63) // 64, np.uint64),
    )


def _new_cells(rows: int, cells: int) -> tuple[Sizes, Columns, Sums]:
    return np.empty(rows, np.int64), np.empty(cells, np.int32), np.empty(cells, np.uint64)


@njit(nogil=True, cache=True)
def _count_rows(
    tokens: Stream,
    starts: Starts,
    places: Places,
    units: Units,
    symmetric: bool,
    first_row: int,
    totals: Totals,
    marks: Marks,
    summary: Marks,
    sizes: Sizes,
    columns: Columns,
    sums: Sums,
) -> int:
    """Fill the cells of as many rows as `sizes` has; return their number."""
    room = Room(pointer(totals), pointer(marks), pointer(summary), len(summary))
    stream, pair = pointer(tokens), pointer(units)
    window, size = len(units), len(tokens)
    count = 0
    for i in range(len(sizes)):
        for p in range(starts[first_row + i], starts[first_row + i + 1]):
            place = int(places[p])
            for near in range(place + 1, min(place + window + 1, size)):
                if stream[near] == END:
                    break
                _add_(room, stream[near], pair[near - place - 1])
            if symmetric:
                for near in range(place - 1, max(place - window, 0) - 1, -1):
                    if stream[near] == END:
                        break
                    _add_(room, stream[near], pair[place - near - 1])
        before = count
        count = _take_(room, columns, sums, count)
        sizes[i] = count - before
    return count


@njit(nogil=True, cache=True)
def _merge_rows(
    starts: Int64[np.ndarray, "runs rows_plus_1"],
    columns: Columns,
    sums: Sums,
    totals: Totals,
    marks: Marks,
    summary: Marks,
    sizes: Sizes,
    merged: Columns,
    merged_sums: Sums,
) -> int:
    """Fill the merged cells of as many rows as `sizes` has; return their number."""
    room = Room(pointer(totals), pointer(marks), pointer(summary), len(summary))
    count = 0
    for i in range(len(sizes)):
        for run in range(len(starts)):
            for cell in range(starts[run, i], starts[run, i + 1]):
                _add_(room, columns[cell], sums[cell])
        before = count
        count = _take_(room, merged, merged_sums, count)
        sizes[i] = count - before
    return count


@njit(nogil=True, cache=True)
def _add_(room: Room, column: np.int32, units: np.uint64) -> None:
    """Add to one column's sum, and mark a column that is new."""
    total = room.totals[column]
    if total == 0:
        word = column >> 6
        room.marks[word] |= _ONE << np.uint64(column & 63)
        room.summary[word >> 6] |= _ONE << np.uint64(word & 63)
    room.totals[column] = total + units


@njit(nogil=True, cache=True)
def _take_(room: Room, columns: Columns, sums: Sums, count: int) -> int:
    """Move the sums that are not zero to the cells from `count` on, by column; return the new count."""
    for high in range(room.size):
        upper = room.summary[high]
        room.summary[high] = 0
        while upper != 0:
            word = 64 * high + lowest_bit(upper)
            upper &= upper - _ONE
            lower = room.marks[word]
            room.marks[word] = 0
            while lower != 0:
                column = 64 * word + lowest_bit(lower)
                lower &= lower - _ONE
                columns[count] = column
                sums[count] = room.totals[column]
                room.totals[column] = 0
                count += 1
    return count


@intrinsic
def lowest_bit(typing: Any, bits: Any) -> Any:
    """The place of the lowest bit that is set; `bits` must not be 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], context.get_constant(types.boolean, True))

    return types.int64(types.uint64), generate
