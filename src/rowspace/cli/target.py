"""The file that a verb will write, checked before hours of work and not after."""

from __future__ import annotations

from pathlib import Path

from rowspace.errors import FormatError
from rowspace.formats import check_writable
from rowspace.formats.options import Format
from rowspace.formats.writing import SUFFIXES


def check_target(path: Path, chosen: Format | None = None) -> None:
    """Raise FileAccessError or FormatError unless a table of that format could be written to `path`."""
    check_writable(path)
    if chosen is None and path.suffix.lower() not in SUFFIXES:
        raise FormatError(
            path,
            0,
            f"the suffix of a table must be one of {', '.join(SUFFIXES)}, but is {path.suffix!r}; "
            "add one of them to the name",
        )
