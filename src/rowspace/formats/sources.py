"""A file as one stream of plain bytes, whatever it is packed in, with its beginning open to inspection."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from rowspace.arrays import Bytes
from rowspace.errors import FileAccessError, FormatError, RowspaceError
from rowspace.formats.packings import DAMAGE, MAGIC_BYTES, find_packing, unpack

SMALLEST_BUDGET = 64 << 20  # small files may expand further: a table of zeros packs very well
PIECE = 1 << 20
DEFAULT_EXPANSION = 64.0  # plain bytes per packed byte


class Source:
    """The plain bytes of a file from its beginning, once through.

    `size` is their number where it is known beforehand; `position` how many have been taken.
    """

    def __init__(self, path: Path, stream: Any, packing: str | None, packed_bytes: int, budget: int) -> None:
        """Wrap an open stream; `open_source` makes one."""
        self.path = path
        self.packing = packing
        self.packed_bytes = packed_bytes
        self.size = None if packing else packed_bytes
        self.position = 0
        self._stream = stream
        self._head = np.zeros(0, np.uint8)  # fetched but not taken yet
        self._fetched = 0
        self._budget = budget

    def head(self, length: int) -> bytes:
        """The next `length` bytes, fewer only where the file ends; they are still to be taken."""
        missing = length - len(self._head)
        if missing > 0:
            more = np.empty(missing, np.uint8)
            self._head = np.concatenate([self._head, more[: self._fill(more)]])
        return self._head[:length].tobytes()

    def read_into(self, buffer: Bytes) -> int:
        """Fill `buffer` and return how many bytes came: fewer than it holds only where the file ends."""
        ready = min(len(buffer), len(self._head))
        buffer[:ready] = self._head[:ready]
        self._head = self._head[ready:]
        filled = ready + self._fill(buffer[ready:])
        self.position += filled
        return filled

    def skip(self, length: int) -> None:
        """Pass over `length` bytes that `head` has shown."""
        self.read_into(np.empty(length, np.uint8))

    def read_all(self) -> Bytes:
        """All that is left, in one array."""
        pieces = []
        while True:
            piece = np.empty(PIECE, np.uint8)
            count = self.read_into(piece)
            pieces.append(piece[:count])
            if count < PIECE:
                return np.concatenate(pieces)

    def _fill(self, buffer: Bytes) -> int:
        filled = 0
        while filled < len(buffer):
            count = self._fetch(buffer[filled : filled + PIECE])
            if count == 0:
                break
            filled += count
        return filled

    def _fetch(self, buffer: Bytes) -> int:
        try:
            count = int(self._stream.readinto(buffer.data))
        except RowspaceError:
            raise
        except DAMAGE as error:
            raise self._unreadable(error) from error
        self._fetched += count
        if self.packing and self._fetched > self._budget:
            raise FormatError(
                self.path,
                self._fetched,
                f"{self.packed_bytes:,} packed bytes expand to more than {self._budget:,}; "
                "if you trust the file, pass a larger max_expansion",
            )
        return count

    def _unreadable(self, error: Exception) -> RowspaceError:
        if self.packing is None:
            return FileAccessError(f"{self.path}: could not be read: {error}")
        return damaged(self.path, self._fetched, self.packing, error)


def damaged(path: Path, offset: int, packing: str, error: Exception) -> FormatError:
    """The error for packed bytes that cannot be unpacked."""
    reason = str(error) or type(error).__name__
    return FormatError(path, offset, f"the {packing} packing is damaged ({reason}); fetch the file again")


def check_readable(path: str | os.PathLike[str]) -> Path:
    """The path, or FileAccessError: missing, a folder, a pipe (which could wait for ever)."""
    target = Path(path)
    try:
        mode = target.stat().st_mode
    except OSError as error:
        raise FileAccessError(f"{path}: could not be read: {error.strerror}; check the path") from error
    if stat.S_ISDIR(mode):
        raise FileAccessError(f"{path}: a file is to be read, but this is a folder; name a file in it")
    if not stat.S_ISREG(mode):
        raise FileAccessError(f"{path}: only ordinary files can be read, but this is a device or pipe")
    return target


class _Stream(io.RawIOBase):
    """A Source in the shape of a file, for the unpacker of what is packed twice."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        return self._source.read_into(np.frombuffer(buffer, np.uint8))


@contextmanager
def open_source(
    path: str | os.PathLike[str], *, max_expansion: float = DEFAULT_EXPANSION
) -> Iterator[Source]:
    """Open a file, plain or packed (see `packings`), as a Source; a tar may itself be packed."""
    target = check_readable(path)
    try:
        file = target.open("rb", buffering=0)
    except OSError as error:
        raise FileAccessError(f"{path}: could not be read: {error.strerror}; check its rights") from error
    with file:
        size = os.fstat(file.fileno()).st_size
        budget = max(SMALLEST_BUDGET, int(max_expansion * size))
        packing = find_packing(file.read(MAGIC_BYTES))
        file.seek(0)
        if packing is None:
            yield Source(target, file, None, size, budget)
            return
        source = Source(target, _unpacked(target, file, packing), packing, size, budget)
        if packing != "tar" and find_packing(source.head(MAGIC_BYTES)) == "tar":
            inner = _unpacked(target, _Stream(source), "tar")
            source = Source(target, inner, f"{packing} and tar", size, budget)
        yield source


def _unpacked(path: Path, file: Any, packing: str) -> Any:
    try:
        return unpack(path, file, packing)
    except RowspaceError:
        raise
    except DAMAGE as error:
        raise damaged(path, 0, packing, error) from error
