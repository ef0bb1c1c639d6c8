"""An int32 file read and written by position, from many threads, without being mapped."""

from __future__ import annotations

import os
import tempfile
import threading
import weakref
from pathlib import Path

import numpy as np

from rowspace.arrays import Stream
from rowspace.corpus.paths import reading
from rowspace.errors import CorpusError, FileAccessError, FormatError

ID_BYTES = 4


class StreamFile:
    """int32 ids in a file: a temporary one without a name, or one that was saved.

    Pages that were read belong to the system's cache, not to this process, so memory stays small.
    """

    def __init__(self, descriptor: int, name: str, header_bytes: int = 0) -> None:
        """Take over an open descriptor; it is closed with this object."""
        self.name = name
        self._descriptor = descriptor
        self._header_bytes = header_bytes
        self._end = 0
        self._lock = threading.Lock()
        self._closer = weakref.finalize(self, os.close, descriptor)

    @classmethod
    def temporary(cls) -> StreamFile:
        """An empty file in the folder for temporary files; the system frees it whatever happens to us."""
        folder = tempfile.gettempdir()
        with reading(folder):
            descriptor, name = tempfile.mkstemp(prefix="rowspace-", dir=folder)
            os.unlink(name)  # noqa: PTH108
        return cls(descriptor, f"a temporary file in {folder}")

    @classmethod
    def open(cls, path: Path, header_bytes: int) -> StreamFile:
        """A saved file, read-only."""
        with reading(path):
            return cls(os.open(path, os.O_RDONLY | os.O_CLOEXEC), str(path), header_bytes)

    def append(self, ids: Stream) -> int:
        """Write `ids` at the end; return the position of the first. Threads may append at once."""
        with self._lock:
            position = self._end
            self._end += len(ids)
        content = ids.view(np.uint8).data
        try:
            while content:
                where = self._header_bytes + ID_BYTES * (position + len(ids)) - len(content)
                content = content[os.pwrite(self._open_descriptor(), content, where) :]
        except OSError as error:
            raise FileAccessError(
                f"{self.name}: cannot be written: {error.strerror}; the encoded corpus needs four bytes a "
                "token, twice for a moment: free some space, or name a larger folder in TMPDIR"
            ) from error
        return position

    def read(self, start: int, stop: int) -> Stream:
        """A copy of the ids in [start, stop); FormatError where the file ends before."""
        ids: Stream = np.empty(stop - start, np.int32)
        content = ids.view(np.uint8).data
        while content:
            where = self._header_bytes + ID_BYTES * stop - len(content)
            count = os.preadv(self._open_descriptor(), [content], where)
            if count == 0:
                raise FormatError(self.name, where, "the encoded corpus is cut off; encode it again")
            content = content[count:]
        return ids

    def duplicate(self) -> StreamFile:
        """The same file under a descriptor of its own."""
        return StreamFile(os.dup(self._open_descriptor()), self.name, self._header_bytes)

    def close(self) -> None:
        """Close the file; a temporary one is gone. Closing again does nothing."""
        self._closer()

    def _open_descriptor(self) -> int:
        if not self._closer.alive:
            raise CorpusError(f"{self.name}: the encoded corpus is closed; scan and encode again")
        return self._descriptor
