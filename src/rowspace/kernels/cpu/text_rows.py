"""Rows of numbers from the bytes of a text; see the reference of the same name.

One forward pass reads nearly every line. A number of up to 15 digits is exact by Clinger's fast path
(W. Clinger, How to read floating point numbers accurately, 1990). Any other is bounded from both sides
by doubles; where both bounds round to the same float32, so does the exact value, since rounding is
monotone. The rest, about one value in thirty million, goes through Python's own `float`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from rowspace.arrays import Bytes, Offsets, RowIds, Vectors
from rowspace.kernels.cpu.byte_words import load_word, lowest_bit
from rowspace.kernels.reference import text_rows as reference

NEWLINE, SPACE, TAB, RETURN = 10, 32, 9, 13
ROW, NO_ROW, HARD = 0, 1, 2

EXACT_POWERS = np.array([float(f"1e{k}") for k in range(23)])  # each a double without error
LOWEST, HIGHEST = -290, 270  # 19 digits times these powers stay among the normal doubles
POWERS = np.array([float(f"1e{k}") for k in range(LOWEST, HIGHEST + 1)])
# Conversion, table and product each err by at most 2**-53, dropped digits by 2**-59, and the double
# nearest to the true value by 2**-53 again: 8 times 2**-53 covers all and the rounding of the bounds.
BELOW, ABOVE = 1 - 2.0**-50, 1 + 2.0**-50
MOST_DIGITS = 19  # always fit into 64 bits
LONGEST_COMMON = 26
WHOLE_POWERS = np.array([10**k for k in range(9)], np.uint64)


@njit(nogil=True, cache=True, error_model="numpy", inline="always")
def _is_separator(byte: int) -> bool:
    return byte == SPACE or byte == TAB  # what compiles to two compares


@njit(nogil=True, cache=True, error_model="numpy")
def _word(text: Bytes, place: int, size: int) -> tuple[float, int]:
    """The value of nan, inf or infinity in any case at `place`, and the place after it; -1 if none."""
    end = place
    while end < size and text[end] > SPACE:
        end += 1
    for name, value in ((b"nan", np.nan), (b"inf", np.inf), (b"infinity", np.inf)):
        same = end - place == len(name)
        for i in range(len(name)):
            same = same and text[place + i] | 32 == name[i]  # bit 32 makes a letter small
        if same:
            return value, end
    return 0.0, -1


@njit(nogil=True, cache=True, error_model="numpy")
def _digits(text: Bytes, place: int, size: int) -> tuple[np.uint64, int, int]:
    """A run of digits with at most one point: its first 19 significant digits, power of ten, and end.

    The end is -1 where there is no digit.
    """
    mantissa, scale, kept = np.uint64(0), 0, 0
    seen, point = False, False
    while place < size:
        digit = np.uint64(text[place]) - np.uint64(48)
        if digit <= np.uint64(9):
            seen = True
            if kept < MOST_DIGITS:
                mantissa = mantissa * np.uint64(10) + digit
                kept += mantissa != np.uint64(0)
                scale -= point
            else:
                scale += not point
        elif text[place] == 46 and not point:
            point = True
        else:
            break
        place += 1
    return mantissa, scale, place if seen else -1


@njit(nogil=True, cache=True, error_model="numpy", inline="always")
def _eight(text: Bytes, place: int) -> tuple[np.uint64, int]:
    """The value and number of the digits at `place`, up to eight, read as one word of eight bytes.

    A byte less '0' is above 9 where adding 0x76 sets its highest bit, or it is set already; carries only
    reach later bytes, so the first such byte is true. Digits are then joined in pairs, fours and eights.
    """
    word = load_word(text, place) ^ np.uint64(0x3030303030303030)
    others = ((word + np.uint64(0x7676767676767676)) | word) & np.uint64(0x8080808080808080)
    count = lowest_bit(others) >> 3 if others != np.uint64(0) else 8
    word = word << np.uint64(64 - 8 * count) if count > 0 else np.uint64(0)
    pairs = (word * np.uint64(2561)) >> np.uint64(8)
    fours = ((pairs & np.uint64(0x00FF00FF00FF00FF)) * np.uint64(6553601)) >> np.uint64(16)
    return ((fours & np.uint64(0x0000FFFF0000FFFF)) * np.uint64(42949672960001)) >> np.uint64(32), count


@njit(nogil=True, cache=True, error_model="numpy")
def _exponent(text: Bytes, place: int, size: int) -> tuple[int, int]:
    """The exponent that follows an e at `place` - 1, kept below 100,000, and its end; -1 if none."""
    negative = False
    if place < size and (text[place] == 43 or text[place] == 45):
        negative = text[place] == 45
        place += 1
    first, exponent = place, 0
    while place < size and text[place] >= 48 and text[place] <= 57:
        exponent = min(exponent * 10 + int(text[place]) - 48, 100_000)
        place += 1
    return -exponent if negative else exponent, place if place > first else -1


@njit(nogil=True, cache=True, error_model="numpy")
def _scaled(mantissa: np.uint64, scale: int) -> tuple[np.float32, bool]:
    """Mantissa * 10**scale rounded to double and then to float32, and whether that is certain."""
    if mantissa == np.uint64(0):
        return np.float32(0), True
    if mantissa <= np.uint64(1 << 53) and -22 <= scale <= 22:
        value = np.float64(mantissa)
        return np.float32(value * EXACT_POWERS[scale] if scale >= 0 else value / EXACT_POWERS[-scale]), True
    if scale < LOWEST or scale > HIGHEST:
        return np.float32(0), False
    near = np.float64(mantissa) * POWERS[scale - LOWEST]
    low, high = np.float32(near * BELOW), np.float32(near * ABOVE)
    return low, low == high


@njit(nogil=True, cache=True, error_model="numpy")
def _number(text: Bytes, place: int, size: int) -> tuple[np.float32, int, bool]:
    """The number at `place`, the place after it (-1 where there is none), and whether it is certain."""
    negative = text[place] == 45
    place += negative | (text[place] == 43)  # no branch: half of all signs would be guessed wrong
    mantissa, scale, end = _digits(text, place, size)
    if end < 0:
        if place >= size:
            return np.float32(0), -1, True
        word, end = _word(text, place, size)
        return np.float32(-word if negative else word), end, True
    if end < size and (text[end] == 101 or text[end] == 69):
        exponent, end = _exponent(text, end + 1, size)
        scale += exponent
    value, certain = _scaled(mantissa, scale)
    return -value if negative else value, end, certain


@njit(nogil=True, cache=True, error_model="numpy")
def _common_values(text: Bytes, place: int, dim: int, vectors: Vectors, row: int) -> tuple[int, int]:
    """Read values of the common shape into a row: a sign or none, a digit, a point, up to sixteen digits.

    One space lies between two of them. Stops at anything else; returns how many were read and the place
    after the last. Time goes here, so there is no call and no branch on a sign, half of which would be
    guessed wrong. Reads LONGEST_COMMON bytes from each value on, whatever they are.
    """
    for column in range(dim):
        start = place
        place += column > 0
        negative = text[place] == 45
        place += negative
        first = np.uint64(text[place]) - np.uint64(48)
        mantissa, count = _eight(text, place + 2)
        mantissa += first * WHOLE_POWERS[count]
        if first > np.uint64(9) or text[place + 1] != 46 or (column > 0 and text[start] != SPACE):
            return column, start
        if count == 8:
            rest, more = _eight(text, place + 10)
            mantissa = mantissa * WHOLE_POWERS[more] + rest
            count += more
        place += 2 + count
        if (text[place] != SPACE and text[place] != NEWLINE) or mantissa > np.uint64(1 << 53):
            return column, start
        value = np.float64(np.int64(mantissa)) / EXACT_POWERS[count]
        vectors[row, column] = np.float32(-value if negative else value)
    return dim, place


@njit(nogil=True, cache=True, error_model="numpy")
def _values(text: Bytes, place: int, size: int, dim: int, vectors: Vectors, row: int) -> tuple[int, int]:
    """Read exactly `dim` values and the end of the line into a row; its status and the next line's place."""
    status, done = ROW, 0
    if place + (dim + 1) * LONGEST_COMMON <= size:
        done, place = _common_values(text, place, dim, vectors, row)
    for column in range(done, dim):
        if column > 0:
            if place >= size or not _is_separator(text[place]):
                return NO_ROW, place
            while place < size and _is_separator(text[place]):
                place += 1
        if place >= size:
            return NO_ROW, place
        value, place, certain = _number(text, place, size)
        if place < 0:
            return NO_ROW, place
        if not certain:
            status = HARD
        vectors[row, column] = value
    while place < size and (_is_separator(text[place]) or text[place] == RETURN):
        place += 1
    if place < size and text[place] != NEWLINE:
        return NO_ROW, place
    return status, place + 1


@njit(nogil=True, cache=True, error_model="numpy")
def _first_value(text: Bytes, start: int, end: int, dim: int) -> int:
    """Where the last `dim` pieces of a line begin, or -1 where there are fewer separators."""
    place = end
    for column in range(dim):
        while place > start and not _is_separator(text[place - 1]):
            place -= 1
        if place == start:
            return -1
        if column < dim - 1:
            while place > start and _is_separator(text[place - 1]):
                place -= 1
    return place


@njit(nogil=True, cache=True, error_model="numpy")
def _ends_in_value(text: Bytes, start: int, end: int) -> bool:
    """Whether a key holds a separator and its last piece is spelled like a value: 3.1 or 1e5, not 3."""
    place, spelled = end, False
    while place > start and not _is_separator(text[place - 1]):
        place -= 1
        spelled = spelled or text[place] == 46 or text[place] == 101 or text[place] == 69
    if place in (start, end) or not spelled:
        return False
    sign = text[place] == 43 or text[place] == 45
    if place + sign == end or text[place + sign] > 57:  # a word such as inf
        return False
    _, after, _ = _number(text, place, end)
    return after == end


@njit(nogil=True, cache=True, error_model="numpy")
def _line_end(text: Bytes, start: int, size: int) -> tuple[int, int]:
    """Where a line's content ends, without its trailing blanks, and where the next line starts."""
    newline = start
    while newline < size and text[newline] != NEWLINE:
        newline += 1
    end = newline
    while end > start and (_is_separator(text[end - 1]) or text[end - 1] == RETURN):
        end -= 1
    return end, newline + 1


@njit(nogil=True, cache=True, error_model="numpy")
def _parse(
    text: Bytes, dim: int, vectors: Vectors, keys: Bytes, key_offsets: Offsets, key_starts: RowIds,
    place: int, row: int, line: int,
) -> tuple[int, int, int, int]:  # fmt: skip
    """Parse on from `place`; stop at a line that is no row or that only Python can read.

    Returns the status and the place, row and line reached.
    """
    size = len(text)
    while place < size:
        key_end = place
        while key_end < size and text[key_end] != NEWLINE and not _is_separator(text[key_end]):
            key_end += 1
        status, after = NO_ROW, 0
        if key_end < size and text[key_end] != NEWLINE and row < len(vectors):
            status, after = _values(text, key_end + 1, size, dim, vectors, row)
        if status == NO_ROW:  # perhaps a key with separators inside: split from the right
            end, next_line = _line_end(text, place, size)
            if end == place:
                place, line = next_line, line + 1
                continue
            first = _first_value(text, place, end, dim)
            if row == len(vectors) or first < 0 or _ends_in_value(text, place, first - 1):
                return NO_ROW, place, row, line
            key_end = first - 1
            status, after = _values(text, first, end, dim, vectors, row)
            after = next_line
        if status != ROW:
            return status, place, row, line
        fill = key_offsets[row]
        for i in range(key_end - place):
            keys[fill + i] = text[place + i]
        key_offsets[row + 1] = fill + key_end - place
        key_starts[row] = place
        place, row, line = after, row + 1, line + 1
    return ROW, place, row, line


def parse_rows(
    text: Bytes, dim: int, vectors: Vectors, keys: Bytes, key_offsets: Offsets, key_starts: RowIds
) -> tuple[int, int, int]:
    """Parse whole lines; see the reference of the same name."""
    key_offsets[0] = 0
    place = row = line = 0
    while True:
        status, place, row, line = _parse(text, dim, vectors, keys, key_offsets, key_starts, place, row, line)
        if status != HARD:
            return row, line, -1 if status == ROW else place
        end, next_line = _line_end(text, place, len(text))
        parsed = reference.parse_line(text[place:end].tobytes(), dim)
        if parsed is None:
            return row, line, place
        reference.write_row(parsed, row, vectors, keys, key_offsets)
        key_starts[row] = place
        place, row, line = next_line, row + 1, line + 1
