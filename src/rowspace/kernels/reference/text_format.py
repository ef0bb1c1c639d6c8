"""Rows as lines of text: ``key value value ... value`` with the shortest values that read back the same.

A value has the fewest significant digits n for which the nearest n-digit decimal, read as a double and
rounded to float32, is the value again; nine always suffice. It is written with a point ("3.0") where its
first digit lies between the places 10**-5 and 10**8, and with an exponent ("1e-07") elsewhere, so that
no value ever looks like a whole number, which would make a line of two look like a header.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from rowspace.arrays import Bytes, Offsets, Vector, Vectors

MOST_DIGITS = 9
LOWEST_PLACE, HIGHEST_PLACE = -5, 8
LONGEST_VALUE = 17  # a separator and "-0.0000123456789"


def format_rows(vectors: Vectors, keys: Bytes, key_offsets: Offsets, out: Bytes) -> int:
    """Write one line a row into `out`; return how many bytes.

    `out` must hold the keys and LONGEST_VALUE bytes a value, and one more byte a row.
    """
    fill = 0
    for row, (start, end) in enumerate(pairwise(key_offsets.tolist())):
        line = format_row(keys[start:end].tobytes(), vectors[row])
        out[fill : fill + len(line)] = np.frombuffer(line, np.uint8)
        fill += len(line)
    return fill


def format_row(key: bytes, vector: Vector) -> bytes:
    """One line, its newline included."""
    return b" ".join([key, *(format_value(value) for value in vector)]) + b"\n"


def format_value(value: np.float32) -> bytes:
    """The shortest text of one value, as the module describes it."""
    if not np.isfinite(value):
        return str(float(value)).encode()
    sign = "-" if np.signbit(value) else ""
    digits, place = _shortest(abs(value))
    if not LOWEST_PLACE <= place <= HIGHEST_PLACE:
        point = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{point}e{place:+03d}".encode()
    if place < 0:
        return f"{sign}0.{'0' * (-place - 1)}{digits}".encode()
    whole = digits[: place + 1].ljust(place + 1, "0")
    return f"{sign}{whole}.{digits[place + 1 :] or '0'}".encode()


def _shortest(value: np.float32) -> tuple[str, int]:
    """The digits without trailing zeros, and the power of ten of the first one."""
    for precision in range(MOST_DIGITS):
        text = f"{float(value):.{precision}e}"
        with np.errstate(over="ignore"):  # few digits may round past float32's range
            if np.float32(float(text)) == value:
                break
    digits, exponent = text.split("e")
    return digits.replace(".", "").rstrip("0") or "0", int(exponent)
