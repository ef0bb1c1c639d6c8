"""Pictures on disk: the suffix decides the format, and a file is there wholly or not at all."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from rowspace.errors import FormatError
from rowspace.formats.atomic import atomic_write, check_writable
from rowspace.maps.canvas import Figure, check_extra

SUFFIXES = (".png", ".svg", ".pdf")


def save(figure: Figure, path: str | PathLike[str]) -> Path:
    """Write a figure as PNG, SVG or PDF, by the suffix of `path`; return the path.

    What was there before is replaced at the end and at once. Raises FormatError for another suffix and
    FileAccessError for a place that cannot be written.

    >>> import tempfile
    >>> from rowspace.maps.canvas import blank
    >>> save(blank(1, 1), Path(tempfile.mkdtemp()) / "empty.png").read_bytes()[1:4]
    b'PNG'
    """
    target = check_picture(path)
    with atomic_write(target) as file:
        figure.savefig(file, format=target.suffix.lower().removeprefix("."), facecolor=figure.get_facecolor())
    return target


def check_picture(path: str | PathLike[str]) -> Path:
    """Raise before any work what `save` would raise after it, and MissingExtraError without matplotlib."""
    target = Path(path)
    check_writable(target)
    if target.suffix.lower() not in SUFFIXES:
        raise FormatError(
            target,
            0,
            f"the suffix of a picture must be one of {', '.join(SUFFIXES)}, but is {target.suffix!r}; "
            "add one of them to the name",
        )
    check_extra()
    return target
