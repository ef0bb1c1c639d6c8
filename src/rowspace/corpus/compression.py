"""Files opened as streams of bytes, decompressed where their first bytes say so."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from rowspace.corpus.block import BLOCK_BYTES
from rowspace.corpus.paths import reading
from rowspace.corpus.zstandard_stream import DamagedFrameError, ZstandardStream
from rowspace.errors import FormatError, RowspaceError


def open_zstandard(file: io.BufferedReader) -> io.BufferedReader:
    """Open a Zstandard stream; MissingExtraError without the extra."""
    return io.BufferedReader(ZstandardStream(file), BLOCK_BYTES)


DAMAGE = (EOFError, DamagedFrameError, zlib.error, lzma.LZMAError)
_OPENERS: dict[bytes, Callable[[Any], Any]] = {
    b"\x1f\x8b\x08": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
    b"\x28\xb5\x2f\xfd": open_zstandard,
}
_BZIP2_BLOCK = b"1AY&SY"  # follows BZh and the level; a text may well begin with BZh


def opener_for(head: bytes) -> Callable[[Any], Any] | None:
    """What decompresses a file that starts with `head` (ten bytes), or None for a plain one."""
    if head.startswith(b"BZh") and head[4:10] != _BZIP2_BLOCK:
        return None
    return next((opener for magic, opener in _OPENERS.items() if head.startswith(magic)), None)


def is_compressed(path: Path) -> bool:
    """Whether the first bytes of a regular file are those of a compressed one."""
    with reading(path), path.open("rb") as file:
        return opener_for(file.read(10)) is not None


@contextmanager
def decompressed(file: io.BufferedReader, name: str) -> Iterator[IO[bytes]]:
    """`file` (which can peek) as the bytes it holds; FormatError where they are damaged."""
    opener = opener_for(file.peek(10)[:10])
    stream = cast("IO[bytes]", opener(file) if opener else file)
    try:
        yield stream
    except RowspaceError:
        raise
    except DAMAGE as error:
        raise _damaged(file, name, error) from error
    except OSError as error:
        if error.errno is None:  # gzip and bz2 report damage as an OSError of their own
            raise _damaged(file, name, error) from error
        raise


def _damaged(file: io.BufferedReader, name: str, error: Exception) -> FormatError:
    offset = file.tell() if file.seekable() else 0
    return FormatError(
        name, offset, f"the compressed data is damaged or cut off ({error}); get the file again"
    )
