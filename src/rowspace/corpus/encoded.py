"""The encoded corpus: row ids in a file, read by every epoch."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np

from rowspace.arrays import END, Stream
from rowspace.corpus.paths import reading, replacing
from rowspace.corpus.stream_file import ID_BYTES, StreamFile
from rowspace.errors import FormatError, ShapeError

# magic, format version, CRC-32 of the ids, number of ids, number of documents, number of rows
_HEADER = struct.Struct("<8sIIqqq")
_MAGIC = b"rowspids"
_VERSION = 1
_READ_IDS = 1 << 18


class EncodedCorpus:
    """Documents as int32 row ids, each closed by END, in a file that is read piece by piece.

    >>> from rowspace.corpus import open_corpus
    >>> with open_corpus([["a", "b"], ["b"]]).scan() as scan:
    ...     encoded = scan.encode(np.arange(len(scan.keys), dtype=np.int32))
    >>> encoded.read(0, encoded.num_ids)
    array([ 0,  1, -1,  1, -1], dtype=int32)
    """

    def __init__(self, file: StreamFile, start: int, stop: int, *, num_documents: int, num_rows: int) -> None:
        """Take over ids [start, stop) of `file`, which hold `num_documents` ENDs and ids below `num_rows`."""
        self._file = file
        self._start = start
        self.num_ids = stop - start  # with one END a document
        self.num_documents = num_documents
        self.num_tokens = self.num_ids - num_documents
        self.num_rows = num_rows

    @classmethod
    def open(cls, path: str | Path) -> EncodedCorpus:
        """Open what `save` wrote, and check all of it: FormatError for damage."""
        path = Path(path)
        with reading(path), path.open("rb") as stream:
            head, size = stream.read(_HEADER.size), path.stat().st_size
        if len(head) < _HEADER.size or head[:8] != _MAGIC:
            raise FormatError(path, 0, "this is no encoded corpus; give a file that EncodedCorpus.save wrote")
        _, version, checksum, num_ids, num_documents, num_rows = _HEADER.unpack(head)
        if version != _VERSION:
            raise FormatError(
                path, 8, f"version {version} is unknown; this rowspace reads version {_VERSION}"
            )
        if num_ids < 0 or size != _HEADER.size + ID_BYTES * num_ids:
            raise FormatError(path, 16, f"{num_ids} ids do not fit a file of {size} bytes; encode it again")
        encoded = cls(
            StreamFile.open(path, _HEADER.size), 0, num_ids, num_documents=num_documents, num_rows=num_rows
        )
        encoded._check(path, checksum)
        return encoded

    def save(self, path: str | Path) -> None:
        """Write the ids to `path`, all or nothing: what was there stays until the new file is complete."""
        with replacing(Path(path)) as file:
            file.write(bytes(_HEADER.size))
            checksum = 0
            for ids in self._pieces():
                checksum = zlib.crc32(ids.data, checksum)
                file.write(ids.data)
            file.seek(0)
            figures = self.num_ids, self.num_documents, self.num_rows
            file.write(_HEADER.pack(_MAGIC, _VERSION, checksum, *figures))

    def read(self, start: int, stop: int) -> Stream:
        """A copy of ids [start, stop), for 0 <= start <= stop <= num_ids. Threads may read at once."""
        if not 0 <= start <= stop <= self.num_ids:
            raise ShapeError(f"read needs 0 <= start <= stop <= {self.num_ids}, but got {start} and {stop}")
        return self._file.read(self._start + start, self._start + stop)

    def shard(self, index: int, count: int) -> EncodedCorpus:
        """Part `index` of `count`, cut after documents and nearly equal in ids; a descriptor of its own."""
        if not 0 <= index < count:
            raise ShapeError(f"a shard needs 0 <= index < count, but got {index} of {count}")
        start, stop = [self._after_document(self.num_ids * part // count) for part in (index, index + 1)]
        num_documents = sum(int((ids == END).sum()) for ids in self._pieces(start, stop))
        return EncodedCorpus(
            self._file.duplicate(),
            self._start + start,
            self._start + stop,
            num_documents=num_documents,
            num_rows=self.num_rows,
        )

    def close(self) -> None:
        """Close the file; an unsaved corpus is gone. Closing again does nothing."""
        self._file.close()

    def __enter__(self) -> EncodedCorpus:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _pieces(self, start: int = 0, stop: int | None = None) -> Iterator[Stream]:
        stop = self.num_ids if stop is None else stop
        for position in range(start, stop, _READ_IDS):
            yield self.read(position, min(position + _READ_IDS, stop))

    def _after_document(self, position: int) -> int:
        """The start of the first document at `position` or after it."""
        if position == 0:
            return 0
        for start in range(position - 1, self.num_ids, _READ_IDS):
            ends = np.flatnonzero(self.read(start, min(start + _READ_IDS, self.num_ids)) == END)
            if len(ends):
                return start + int(ends[0]) + 1
        return self.num_ids

    def _check(self, path: Path, checksum: int) -> None:
        """Compare ids with the header: trainers use them as places in memory."""
        actual = num_ends = 0
        last = END
        for ids in self._pieces():
            actual = zlib.crc32(ids.data, actual)
            num_ends += int((ids == END).sum())
            last = int(ids[-1])
            if ids.min() < END or ids.max() >= self.num_rows:
                raise FormatError(
                    path, _HEADER.size, f"an id is not in [0, {self.num_rows}); encode it again"
                )
        if actual != checksum or num_ends != self.num_documents or last != END:
            raise FormatError(path, _HEADER.size, "the checksum does not match the ids; encode it again")
