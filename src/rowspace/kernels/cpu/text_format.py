"""Rows as lines of text, shortest values first; see the reference of the same name.

Every float32 that some decimal of six digits names is named by the nearest such decimal, so six digits
are tried first and lose their trailing zeros; then seven, eight and nine. Each try is read back by the
very arithmetic of the reader, which either is certain or says so; Python writes the uncertain rows.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from rowspace.arrays import Bytes, Offsets, Vectors
from rowspace.kernels.cpu.text_rows import EXACT_POWERS, LOWEST, POWERS, _scaled
from rowspace.kernels.reference import text_format as reference
from rowspace.kernels.reference.text_format import HIGHEST_PLACE, LOWEST_PLACE, MOST_DIGITS

SAFE_DIGITS = 6
SMALLEST_NORMAL = np.float32(2.0**-126)  # below it float32 has fewer digits, so tries start from one
DOUBLE_EXPONENT_BIAS = 1023
LOG10_OF_2 = 0.30102999566398120


@njit(nogil=True, cache=True)
def _place(value: np.float64) -> int:
    """The power of ten of the first digit of a positive value."""
    binary = (np.float64(value).view(np.int64) >> 52) - DOUBLE_EXPONENT_BIAS
    place = int(np.floor(binary * LOG10_OF_2))
    return place + 1 if value >= POWERS[place + 1 - LOWEST] else place


@njit(nogil=True, cache=True)
def _shortest(value: np.float32) -> tuple[int, int]:
    """The digits as an integer and their power of ten, for a positive value; 0 digits if uncertain."""
    place = _place(np.float64(value))
    for count in range(SAFE_DIGITS if value >= SMALLEST_NORMAL else 1, MOST_DIGITS + 1):
        scale = place - count + 1
        if -22 <= scale <= 22:
            exact = EXACT_POWERS[abs(scale)]
            nearest = np.rint(value / exact if scale >= 0 else value * exact)
        else:
            nearest = np.rint(value * POWERS[-scale - LOWEST])
        read, certain = _scaled(np.uint64(nearest), scale)
        if not certain:
            return 0, 0
        if read == value:
            digits = int(nearest)
            while digits % 10 == 0:
                digits //= 10
                scale += 1
            return digits, scale
    return 0, 0


@njit(nogil=True, cache=True)
def _put_digits(out: Bytes, fill: int, digits: int, count: int, point: int) -> int:
    """Write `count` digits with a point after the first `point` of them, if that lies among them."""
    end = fill + count + (0 < point < count)
    place = end - 1
    for i in range(count):
        if count - i == point and i > 0:
            out[place] = 46
            place -= 1
        out[place] = 48 + digits % 10
        digits //= 10
        place -= 1
    return end


@njit(nogil=True, cache=True)
def _put_scientific(out: Bytes, fill: int, digits: int, count: int, place: int) -> int:
    """Write 1.25e-07."""
    fill = _put_digits(out, fill, digits, count, 1)
    out[fill] = 101
    out[fill + 1] = 45 if place < 0 else 43
    out[fill + 2] = 48 + abs(place) // 10
    out[fill + 3] = 48 + abs(place) % 10
    return fill + 4


@njit(nogil=True, cache=True)
def _put_fixed(out: Bytes, fill: int, digits: int, count: int, place: int) -> int:
    """Write 0.00125, 12.5 or 1200.0."""
    if place < 0:
        out[fill], out[fill + 1] = 48, 46
        for i in range(-place - 1):
            out[fill + 2 + i] = 48
        return _put_digits(out, fill + 1 - place, digits, count, 0)
    fill = _put_digits(out, fill, digits, count, place + 1)
    if place + 1 >= count:
        for _ in range(place + 1 - count):
            out[fill] = 48
            fill += 1
        out[fill], out[fill + 1] = 46, 48
        fill += 2
    return fill


@njit(nogil=True, cache=True)
def _put_value(out: Bytes, fill: int, value: np.float32) -> int:
    """Write one value; the place after it, or -1 where the digits are uncertain."""
    if np.isnan(value):
        out[fill], out[fill + 1], out[fill + 2] = 110, 97, 110
        return fill + 3
    if np.signbit(value):
        out[fill] = 45
        fill += 1
        value = -value
    if np.isinf(value):
        out[fill], out[fill + 1], out[fill + 2] = 105, 110, 102
        return fill + 3
    if value == 0:
        return _put_fixed(out, fill, 0, 1, 0)
    digits, scale = _shortest(value)
    if digits == 0:
        return -1
    count, rest = 0, digits
    while rest > 0:
        rest //= 10
        count += 1
    place = scale + count - 1
    if LOWEST_PLACE <= place <= HIGHEST_PLACE:
        return _put_fixed(out, fill, digits, count, place)
    return _put_scientific(out, fill, digits, count, place)


@njit(nogil=True, cache=True)
def _format(
    vectors: Vectors, keys: Bytes, key_offsets: Offsets, out: Bytes, row: int, fill: int
) -> tuple[int, int]:
    """Format on from `row`; stop at a row that only Python can write. Returns the row and place reached."""
    while row < len(vectors):
        place = fill
        for i in range(key_offsets[row], key_offsets[row + 1]):
            out[place] = keys[i]
            place += 1
        for column in range(vectors.shape[1]):
            out[place] = 32
            place = _put_value(out, place + 1, vectors[row, column])
            if place < 0:
                return row, fill
        out[place] = 10
        row, fill = row + 1, place + 1
    return row, fill


def format_rows(vectors: Vectors, keys: Bytes, key_offsets: Offsets, out: Bytes) -> int:
    """Write one line a row into `out`; see the reference of the same name."""
    row = fill = 0
    while True:
        row, fill = _format(vectors, keys, key_offsets, out, row, fill)
        if row == len(vectors):
            return fill
        line = reference.format_row(keys[key_offsets[row] : key_offsets[row + 1]].tobytes(), vectors[row])
        out[fill : fill + len(line)] = np.frombuffer(line, np.uint8)
        row, fill = row + 1, fill + len(line)
