"""Rows of numbers from the bytes of a text: ``key value value ... value`` on each line.

A line is split from the right, since keys may hold spaces: the last `dim` pieces are values, the one
separator before them (space or tab) ends the key, and whatever precedes it is the key, byte for byte.
Runs of separators between values, at the end of a line, and a carriage return there are tolerated;
blank lines hold no row. A key that ends in a piece spelled like a value (digits with a point or an
exponent) means a line that is too wide. Numbers are plain decimals and the words nan, inf and infinity:
no comma, no underscore, no hexadecimal. The value stored is that of ``np.float32(float(text))``.
"""

from __future__ import annotations

import re

import numpy as np

from rowspace.arrays import Bytes, Offsets, RowIds, Vectors

DECIMAL = rb"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
NUMBER = re.compile(DECIMAL + rb"|[+-]?(?i:nan|inf|infinity)")
SPELLED_VALUE = re.compile(rb"(?=[^.eE]*[.eE])" + DECIMAL)
SEPARATOR = re.compile(rb"[ \t]+")
LINE_END = b" \t\r"


def parse_line(line: bytes, dim: int) -> tuple[bytes, list[float]] | None:
    """The key and values of one line without its newline, or None where it is no row of `dim` values."""
    pieces = _values_from_right(line.rstrip(LINE_END), dim)
    if pieces is None:
        return None
    key, values = pieces
    if not all(NUMBER.fullmatch(value) for value in values):
        return None
    inner = SEPARATOR.split(key)
    if len(inner) > 1 and SPELLED_VALUE.fullmatch(inner[-1]):
        return None
    return key, [float(value) for value in values]


def count_numbers(line: bytes) -> int:
    """How many of the last pieces of a line are numbers; its first piece never counts."""
    pieces = SEPARATOR.split(line.rstrip(LINE_END))
    count = 0
    while count < len(pieces) - 1 and NUMBER.fullmatch(pieces[-1 - count]):
        count += 1
    return count


def parse_rows(
    text: Bytes, dim: int, vectors: Vectors, keys: Bytes, key_offsets: Offsets, key_starts: RowIds
) -> tuple[int, int, int]:
    """Parse whole lines into `vectors`, their keys end to end into `keys`.

    Row r has the key keys[key_offsets[r]:key_offsets[r + 1]], found at byte key_starts[r] of `text`.
    `keys` must be as long as `text`; the others bound the number of rows. Returns the number of rows,
    of lines passed, and the first byte of the line that is no row, where reading stopped; else -1.
    """
    data, row, line_number, place = text.tobytes(), 0, 0, 0
    key_offsets[0] = 0
    while place < len(data):
        newline = data.find(b"\n", place)
        end = len(data) if newline < 0 else newline
        line = data[place:end]
        if line.strip(LINE_END):
            parsed = parse_line(line, dim)
            if parsed is None or row == len(vectors):
                return row, line_number, place
            write_row(parsed, row, vectors, keys, key_offsets)
            key_starts[row] = place
            row += 1
        place, line_number = end + 1, line_number + 1
    return row, line_number, -1


def write_row(
    parsed: tuple[bytes, list[float]], row: int, vectors: Vectors, keys: Bytes, key_offsets: Offsets
) -> None:
    """Put one parsed line into row `row` of the outputs of `parse_rows`."""
    key, values = parsed
    with np.errstate(over="ignore"):  # past float32's range is infinite, as in any float32 cast
        vectors[row] = np.array(values, np.float64).astype(np.float32)
    start = int(key_offsets[row])
    keys[start : start + len(key)] = np.frombuffer(key, np.uint8)
    key_offsets[row + 1] = start + len(key)


def _values_from_right(line: bytes, dim: int) -> tuple[bytes, list[bytes]] | None:
    """The key and the last `dim` pieces; None where there are fewer separators."""
    end, values = len(line), []
    for _ in range(dim):
        space = max(line.rfind(b" ", 0, end), line.rfind(b"\t", 0, end))
        if space < 0:
            return None
        values.append(line[space + 1 : end])
        end = space
        if len(values) < dim:  # the separator before the first value is one byte; others may be runs
            end = len(line[:end].rstrip(b" \t"))
    return line[:end], values[::-1]
