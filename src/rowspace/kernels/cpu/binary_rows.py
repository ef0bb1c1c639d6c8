"""Rows of word2vec's binary form; see the reference of the same name.

Rows are copied as bytes, so this file assumes a little-endian machine, as Numba itself does.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from rowspace.arrays import Bytes, Offsets, RowIds, Vectors

NEWLINE, SPACE = 10, 32


@njit(nogil=True, cache=True)
def _copy(source: Bytes, start: int, target: Bytes, fill: int, length: int) -> None:
    # Slices with indices from a range: no index can be negative, so the loop becomes vector moves.
    here, there = source[start : start + length], target[fill : fill + length]
    for i in range(length):
        there[i] = here[i]


@njit(nogil=True, cache=True)
def _parse(
    data: Bytes, flat: Bytes, num_rows: int, keys: Bytes, key_offsets: Offsets, key_starts: RowIds
) -> tuple[int, int]:
    row_bytes = len(flat) // max(num_rows, 1)
    row = used = 0
    key_offsets[0] = 0
    while row < num_rows:
        start = used
        while start < len(data) and data[start] == NEWLINE:
            start += 1
        space = start
        while space < len(data) and data[space] != SPACE:
            space += 1
        if space + 1 + row_bytes > len(data):
            break
        fill = key_offsets[row]
        _copy(data, start, keys, fill, space - start)
        key_offsets[row + 1] = fill + space - start
        key_starts[row] = start
        _copy(data, space + 1, flat, row * row_bytes, row_bytes)
        row, used = row + 1, space + 1 + row_bytes
    return row, used


@njit(nogil=True, cache=True)
def _format(flat: Bytes, keys: Bytes, key_offsets: Offsets, out: Bytes) -> int:
    num_rows = len(key_offsets) - 1
    row_bytes = len(flat) // max(num_rows, 1)
    fill = 0
    for row in range(num_rows):
        length = key_offsets[row + 1] - key_offsets[row]
        _copy(keys, key_offsets[row], out, fill, length)
        fill += length
        out[fill] = SPACE
        _copy(flat, row * row_bytes, out, fill + 1, row_bytes)
        fill += row_bytes + 2
        out[fill - 1] = NEWLINE
    return fill


def parse_rows(
    data: Bytes, vectors: Vectors, keys: Bytes, key_offsets: Offsets, key_starts: RowIds
) -> tuple[int, int]:
    """Read whole rows; see the reference of the same name."""
    rows, used = _parse(data, vectors.reshape(-1).view(np.uint8), len(vectors), keys, key_offsets, key_starts)
    return rows, used


def format_rows(vectors: Vectors, keys: Bytes, key_offsets: Offsets, out: Bytes) -> int:
    """Write each row and a newline into `out`; see the reference of the same name."""
    flat = np.ascontiguousarray(vectors).reshape(-1).view(np.uint8)
    filled: int = _format(flat, keys, key_offsets, out)
    return filled
