"""Printing: answers on standard output, remarks on standard error."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any
from unicodedata import combining, east_asian_width

import numpy as np


def emit(answer: Mapping[str, Any]) -> None:
    """Print one JSON object on one line of standard output; NaN and infinities become null."""
    print(json.dumps(plain(answer), allow_nan=False))


def say(text: str = "") -> None:
    """Print one part of the answer for people."""
    print(text)


def note(text: str) -> None:
    """Print a remark that is no part of the answer."""
    print(text, file=sys.stderr, flush=True)


def plain(value: Any) -> Any:
    """`value` as what JSON can hold: arrays become lists, paths strings, what is not finite None."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    return [plain(part) for part in value] if isinstance(value, Iterable) else str(value)


def aligned(lines: Iterable[Sequence[str]], right: Iterable[int] = (), indent: str = "") -> str:
    """Columns padded to equal width, two spaces apart; the columns numbered in `right` end flush.

    >>> print(aligned([["king", "0.91"], ["a", "10.00"]], right=[1]))
    king   0.91
    a     10.00
    """
    table = [list(line) for line in lines]
    flush = set(right)
    widths = [max(map(_width, column)) for column in zip(*table, strict=True)]
    padded = (
        "  ".join(
            _pad(cell, width, column in flush)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in table
    )
    return "\n".join(f"{indent}{line}".rstrip() for line in padded)


def shown(key: str) -> str:
    r"""A key as a terminal can show it: control characters and undecodable bytes as escapes.

    >>> print(shown("new\nyork"), shown("caf\udce9"))
    new\nyork caf\udce9
    """
    if key.isprintable():
        return key
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in key)


def number(value: float) -> str:
    """A count with separators, or a measure with four decimals.

    >>> number(1234567), number(0.5)
    ('1,234,567', '0.5000')
    """
    return f"{value:,}" if isinstance(value, int | np.integer) else f"{value:.4f}"


def byte_size(num_bytes: float) -> str:
    """A size in the unit that leaves one to three digits before the point.

    >>> byte_size(512), byte_size(40_000_000), byte_size(3.2e12)
    ('512 B', '40.0 MB', '3.2 TB')
    """
    unit = 0
    while num_bytes >= 1000 and unit < 5:
        num_bytes /= 1000
        unit += 1
    name = ("B", "kB", "MB", "GB", "TB", "PB")[unit]
    return f"{num_bytes:.0f} B" if unit == 0 else f"{num_bytes:.1f} {name}"


def file_bytes(path: Path) -> int:
    """What `path` takes on disk, a folder with all that lies in it."""
    if path.is_dir():
        return sum(part.stat().st_size for part in path.rglob("*") if part.is_file())
    return path.stat().st_size


def _width(text: str) -> int:
    """Terminal columns: East Asian wide letters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _pad(cell: str, width: int, flush_right: bool) -> str:
    space = " " * (width - _width(cell))
    return space + cell if flush_right else cell + space
