"""Saves that happen wholly or not at all: a temporary beside the target, flushed, then renamed onto it.

Readers that mapped the old file keep it. Of two writers of one path the later rename wins, and the file
is whole either way. After a kill -9 the temporary may stay behind: a hidden file ``.NAME.RANDOM.part``,
which no reader picks up and which may be deleted.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from rowspace.errors import FileAccessError, RowspaceError

BUFFER_BYTES = 1 << 20
LONGEST_STEM = 60  # leaves the temporary's name far below the 255 bytes that file systems allow


def check_writable(path: str | os.PathLike[str]) -> Path:
    """The real path to write, or FileAccessError before any work: a folder, no such folder, no right."""
    target = Path(path).resolve()
    if target.is_dir():
        raise FileAccessError(f"{path}: a file is to be written, but this is a folder; add a file name")
    if target.exists() and not target.is_file():
        raise FileAccessError(f"{path}: only ordinary files can be replaced, but this is a device or pipe")
    if not target.parent.is_dir():
        raise FileAccessError(f"{path}: the folder {target.parent} does not exist; make it first")
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise FileAccessError(f"{path}: the folder {target.parent} may not be written; choose another")
    return target


@contextmanager
def atomic_write(path: str | os.PathLike[str], *, needed_bytes: int | None = None) -> Iterator[BinaryIO]:
    """Open a file that takes the place of `path` when the block ends well, and vanishes when it does not.

    `needed_bytes`, where known, goes into the message when the disk is full. Raises FileAccessError.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "note.txt"
    >>> with atomic_write(path) as file:
    ...     _ = file.write(b"whole")
    >>> path.read_bytes(), len(list(path.parent.iterdir()))
    (b'whole', 1)
    """
    target = check_writable(path)
    part = target.with_name(f".{target.name[:LONGEST_STEM]}.{secrets.token_hex(6)}.part")
    try:
        with _created(part) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, part)
        part.replace(target)
        _sync_folder(target.parent)
    except OSError as error:
        if isinstance(error, RowspaceError):
            raise
        raise FileAccessError(_describe(error, path, needed_bytes)) from error
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def _created(part: Path) -> BinaryIO:
    """A new file with the rights that the user's umask gives; exclusive, so two writers never share it."""
    return os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666), "wb", BUFFER_BYTES)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself last; Windows has no such call and needs none."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _describe(error: OSError, path: str | os.PathLike[str], needed_bytes: int | None) -> str:
    needed = ""
    if needed_bytes:
        with suppress(OSError):
            free = shutil.disk_usage(Path(path).resolve().parent).free
            needed = f"; {needed_bytes:,} bytes are needed, {free:,} are free"
    reason = error.strerror or str(error) or type(error).__name__
    return f"{path}: could not be written: {reason}{needed}; what was there before is untouched"
