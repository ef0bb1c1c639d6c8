"""Zstandard frames as a stream of the plain bytes, for corpora and tables alike (extra `zstd`)."""

from __future__ import annotations

import io
from typing import Any

from rowspace.errors import MissingExtraError

CHUNK = 2048  # from one such piece come 64 MB at most, were it all runs: a bomb cannot fill the memory


class DamagedFrameError(ValueError):
    """A frame is not what its checks say. Those who read know the file, and name it in their error."""


class ZstandardStream(io.RawIOBase):
    """Plain bytes of a file of frames; unlike the package's own stream it notices that the end is missing.

    Raises MissingExtraError without the extra; EOFError or DamagedFrameError, when read, for damage.
    """

    def __init__(self, file: Any) -> None:
        try:
            import zstandard  # noqa: PLC0415  # an optional extra
        except ImportError as error:
            raise MissingExtraError(
                "reading .zst files needs an extra; run: pip install 'rowspace[zstd]'"
            ) from error
        self._file = file
        self._zstandard = zstandard
        self._frame: Any = None  # the one being read, None between frames
        self._plain = memoryview(b"")

    def readable(self) -> bool:
        """True: it is there to be read."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fill `buffer` as far as the frames go; 0 at their end."""
        while not self._plain:
            packed = self._file.read(CHUNK)
            if not packed:
                if self._frame is not None:
                    raise EOFError("the last frame has no end")
                return 0
            self._plain = memoryview(self._expand(packed))
        target = memoryview(buffer)
        count = min(len(target), len(self._plain))
        target[:count] = self._plain[:count]
        self._plain = self._plain[count:]
        return count

    def _expand(self, packed: bytes) -> bytes:
        plain = []
        while packed:
            self._frame = self._frame or self._zstandard.ZstdDecompressor().decompressobj()
            try:
                plain.append(self._frame.decompress(packed))
            except self._zstandard.ZstdError as error:
                raise DamagedFrameError(str(error)) from error
            packed = self._frame.unused_data if self._frame.eof else b""
            self._frame = None if self._frame.eof else self._frame
        return b"".join(plain)
