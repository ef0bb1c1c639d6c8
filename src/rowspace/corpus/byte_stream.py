"""Text that comes in one after another: standard input, pipes and compressed files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import IO, cast

from rowspace.corpus.block import BLOCK_BYTES, Block
from rowspace.corpus.compression import decompressed
from rowspace.corpus.paths import reading
from rowspace.corpus.text_file import BYTE_ORDER_MARK, LONGEST_PIECE
from rowspace.corpus.tokenizer import Tokenizer
from rowspace.errors import CorpusError

STANDARD_INPUT = "-"


@dataclass(frozen=True)
class ByteStream:
    """The lines of a stream whose number is `index` modulo `count`; path "-" is standard input.

    What is no regular file can be read once: a second time raises CorpusError.
    """

    path: str
    index: int = 0
    count: int = 1
    block_bytes: int = BLOCK_BYTES
    reads: list[str] = field(default_factory=list)  # shared by the shards, for what can be read once

    num_bytes = None

    def blocks(self, tokenizer: Tokenizer) -> Iterator[Callable[[], Block]]:
        """What makes each block, in order."""
        separators = tokenizer.separators if self.count == 1 else b"\n"
        offset = line = 0
        for piece in self._pieces(separators):
            text, dropped = (
                (piece[3:], 3) if offset == 0 and piece.startswith(BYTE_ORDER_MARK) else (piece, 0)
            )
            if self.count > 1:
                tokenizer.decode(text, self.path, offset + dropped)
                lines = text.removesuffix(b"\n").split(b"\n")
                text = b"\n".join([*lines[(self.index - line) % self.count :: self.count], b""])
                line += len(lines)
            yield partial(tokenizer.block_of_lines, text, self.path, offset + dropped, len(piece))
            offset += len(piece)

    def shard(self, index: int, count: int) -> ByteStream:
        """Part `index` of `count`: every count-th line."""
        return replace(self, index=self.index + self.count * index, count=self.count * count)

    def _pieces(self, separators: bytes) -> Iterator[bytes]:
        """The text cut after separators, in pieces of about block_bytes; the last ends with a newline."""
        with self._open() as stream:
            held: list[bytes] = []
            held_bytes = 0
            while chunk := stream.read(self.block_bytes):
                cut = max(chunk.rfind(separators[i : i + 1]) for i in range(len(separators))) + 1
                if cut:
                    yield b"".join([*held, chunk[:cut]])
                    held, held_bytes = [], 0
                held.append(chunk[cut:])
                held_bytes += len(chunk) - cut
                if held_bytes > LONGEST_PIECE:
                    raise CorpusError(
                        f"{self.path}: a word or line of more than {LONGEST_PIECE} bytes; is it a text file?"
                    )
            yield b"".join([*held, b"\n"])

    @contextmanager
    def _open(self) -> Iterator[IO[bytes]]:
        if self.path == STANDARD_INPUT:
            self._read_once("standard input")
            if sys.stdin is None or not hasattr(sys.stdin, "buffer"):
                raise CorpusError("standard input is closed; give a file")
            with decompressed(cast("BufferedReader", sys.stdin.buffer), "standard input") as stream:
                yield stream
            return
        if not Path(self.path).is_file():
            self._read_once(self.path)
        with (
            reading(self.path),
            Path(self.path).open("rb") as file,
            decompressed(file, self.path) as stream,
        ):
            yield stream

    def _read_once(self, name: str) -> None:
        if self.reads:
            raise CorpusError(f"{name} can be read only once, but is read again; save it to a file first")
        self.reads.append(name)
