"""From what a user writes for a corpus to the files it names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from glob import glob
from pathlib import Path
from typing import BinaryIO

from rowspace.errors import FileAccessError, RowspaceError


@contextmanager
def reading(path: Path | str) -> Iterator[None]:
    """Turn an OSError of the system into a FileAccessError that names the file."""
    try:
        yield
    except RowspaceError:
        raise
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be read: {error.strerror or error}") from error


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes the place of `path` when all is written; until then what was there stays.

    Raises FileAccessError where it cannot be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        _sync_folder(path.parent)
    except RowspaceError:
        raise
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def expand(source: str | Path) -> list[Path]:
    """The files of one path: itself, all files below a folder, or what a glob matches, in sorted order.

    Files and folders whose names start with a dot are left out of folders. Raises FileAccessError
    where there is nothing.
    """
    path = Path(source)
    if not str(source) or "\0" in str(source):
        raise FileAccessError(f"a corpus path must not be empty or hold NUL, but is {str(source)!r}")
    if _exists(path):
        return _files_below(path) if path.is_dir() else [path]
    matches = [Path(match) for match in sorted(glob(str(source), recursive=True))]  # noqa: PTH207
    if not matches:
        text = str(source)
        hint = "; for text itself pass a list of strings, [text]" if " " in text or "\n" in text else ""
        raise FileAccessError(f"no file, folder or glob matches {shorten(text)!r}{hint}")
    return [file for match in matches for file in (_files_below(match) if match.is_dir() else [match])]


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a text that is too long for a name
        return False


def shorten(text: str) -> str:
    """At most 80 characters of `text`, for a message."""
    return text if len(text) <= 80 else text[:77] + "..."


def _files_below(folder: Path) -> list[Path]:
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    if not files:
        raise FileAccessError(f"{folder}: the folder holds no file to read")
    return files
