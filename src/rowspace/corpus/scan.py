"""One pass over a corpus: every token counted, and a provisional stream that encoding only remaps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType

import numpy as np
from jaxtyping import Int32

from rowspace import kernels
from rowspace.arrays import END, Counts, PackedKeys, Stream
from rowspace.corpus.block import Block
from rowspace.corpus.encoded import EncodedCorpus
from rowspace.corpus.pipeline import map_in_order
from rowspace.corpus.stream_file import StreamFile
from rowspace.corpus.token_table import TokenTable
from rowspace.errors import RecipeError, ShapeError
from rowspace.kernels.reference.token_scan import RowOfKey

KeyOfId = Int32[np.ndarray, "..."]  # one a thread, each of its own length

AHEAD = 4  # blocks are small, and no thread should wait for a slow one


@dataclass(frozen=True)
class Piece:
    """The ids of one block in the temporary file, in the numbering of one thread's table."""

    table: int
    start: int
    stop: int
    num_ends: int  # ENDs after a token of this block
    begins_with_end: bool  # closes what an earlier block began, if that had tokens
    ends_with_end: bool
    num_bytes: int

    @classmethod
    def of(cls, ids: Stream, table: int, start: int, num_bytes: int) -> Piece:
        """The piece of `ids`, which were written to place `start`."""
        is_end = ids == END
        num_ends = int((is_end[1:] & ~is_end[:-1]).sum())
        begins, ends = (bool(is_end[0]), bool(is_end[-1])) if len(ids) else (False, False)
        return cls(table, start, start + len(ids), num_ends, begins, ends, num_bytes)


class Scan:
    """What one pass over a corpus found: its distinct tokens, their counts, and their order on disk.

    >>> from rowspace.corpus import open_corpus
    >>> with open_corpus(["the king", "the queen"]).scan() as scan:
    ...     dict(zip(scan.keys, scan.counts.tolist())), scan.num_documents
    ({'the': 2, 'king': 1, 'queen': 1}, 2)
    """

    def __init__(
        self, keys: PackedKeys, counts: Counts, pieces: list[Piece], maps: list[KeyOfId], file: StreamFile
    ) -> None:
        """Take over the ids of all pieces in `file`; maps[t][i] is the key that table t calls i."""
        self._maps, self._pieces, self._file = maps, pieces, file
        self.keys = keys
        self.counts = counts
        self.num_tokens = int(self.counts.sum())
        self.num_documents = _count_documents(pieces)
        self.num_bytes = sum(piece.num_bytes for piece in pieces)

    def encode(self, row_of: RowOfKey, path: Path | None = None) -> EncodedCorpus:
        """The corpus with each key i as row_of[i]; a negative row drops the token.

        `row_of` is int32 (distinct,). Documents end with END, those without tokens vanish. Without
        `path` the stream is a temporary file. Cost: a fraction of the scan.
        """
        if row_of.shape != (len(self.keys),) or row_of.dtype != np.int32:
            raise ShapeError(
                f"row_of must be int32 of shape ({len(self.keys)},), but is {row_of.dtype} of {row_of.shape}"
            )
        maps = [row_of[of_table] for of_table in self._maps]
        kernel, target = kernels.load("token_scan"), StreamFile.temporary()
        num_ids = num_documents = 0
        last = END

        def remap(piece: Piece) -> Stream:
            ids = self._file.read(piece.start, piece.stop)
            kept: Stream = ids[: kernel.remap_(ids, maps[piece.table])]
            return kept

        try:
            for ids in map_in_order(remap, self._pieces, threads=len(self._maps), ahead=AHEAD):
                rows = ids[1:] if last == END and len(ids) and ids[0] == END else ids
                if len(rows):
                    target.append(rows)
                    num_ids += len(rows)
                    num_documents += int((rows == END).sum())
                    last = int(rows[-1])
        except BaseException:
            target.close()
            raise
        num_rows = int(row_of.max(initial=-1)) + 1
        encoded = EncodedCorpus(target, 0, num_ids, num_documents=num_documents, num_rows=num_rows)
        if path is None:
            return encoded
        with encoded:
            encoded.save(path)
        return EncodedCorpus.open(path)

    def excerpt(self, num_tokens: int = 8) -> str:
        """The first tokens of the first document, for messages."""
        for piece in self._pieces:
            ids = self._file.read(piece.start, min(piece.stop, piece.start + num_tokens + 1))
            ids = ids[1:] if len(ids) and ids[0] == END else ids
            ends = np.flatnonzero(ids == END)
            tokens = ids[: ends[0]] if len(ends) else ids
            if len(tokens):
                return " ".join(self.keys[int(self._maps[piece.table][i])] for i in tokens[:num_tokens])
        return ""

    def close(self) -> None:
        """Free the temporary file; keys and counts stay. Closing again does nothing."""
        self._file.close()

    def __enter__(self) -> Scan:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def scan_blocks(
    loads: Iterable[Callable[[], Block]], *, threads: int, advance: Callable[[int], object]
) -> Scan:
    """Scan the blocks that `loads` make, in order; `advance` hears the bytes of each.

    `loads` is iterated by the calling thread; its calls are made, and counted, by `threads` others.
    """
    if threads < 1:
        raise RecipeError(f"threads must be at least 1, but is {threads}")
    tables = [TokenTable() for _ in range(threads)]
    free: SimpleQueue[int] = SimpleQueue()
    for number in range(threads):
        free.put(number)
    file = StreamFile.temporary()

    def count(load: Callable[[], Block]) -> Piece:
        block, number = load(), free.get()
        try:
            ids = tables[number].count(block)
            return Piece.of(ids, number, file.append(ids), block.num_bytes)
        finally:
            free.put(number)

    pieces = []
    try:
        for piece in map_in_order(count, loads, threads=threads, ahead=AHEAD):
            pieces.append(piece)
            advance(piece.num_bytes)
    except BaseException:
        file.close()
        raise
    merged = tables[0]
    maps = [np.arange(len(merged.keys), dtype=np.int32), *map(merged.add, tables[1:])]
    return Scan(merged.keys, merged.counts, pieces, maps, file)


def _count_documents(pieces: list[Piece]) -> int:
    num_documents, is_open = 0, False
    for piece in pieces:
        num_documents += piece.num_ends + (piece.begins_with_end and is_open)
        if piece.stop > piece.start:
            is_open = not piece.ends_with_end
    return num_documents
