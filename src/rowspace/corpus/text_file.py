"""A plain text file, read by many threads at once without being mapped."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from rowspace.corpus.block import BLOCK_BYTES, Block
from rowspace.corpus.paths import reading
from rowspace.corpus.tokenizer import Tokenizer
from rowspace.errors import CorpusError, FileAccessError

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# A word (or, where a pattern or callable cuts, a line) that is longer is no text.
LONGEST_PIECE = 1 << 28
SHORT_READ = 1 << 8  # reaches the end of nearly every word


@dataclass(frozen=True)
class TextFile:
    """The lines of a file that start in [start, stop); stop None is the end of the file.

    A block owns the tokens that start within it: it skips the token that began before and reads on
    to the end of its last one. So blocks can be read in any order, and a line may be of any length.
    """

    path: Path
    start: int = 0
    stop: int | None = None
    block_bytes: int = BLOCK_BYTES

    @property
    def num_bytes(self) -> int:
        """The bytes between start and stop as the file is now."""
        return self._last - self.start

    def blocks(self, tokenizer: Tokenizer) -> Iterator[Callable[[], Block]]:
        """What reads each block, in order; the calls may be made by any thread."""
        first, last = self._first, self._last
        for start in range(first, last, self.block_bytes):
            yield partial(self._read, tokenizer, first, start, last)

    def shard(self, index: int, count: int) -> TextFile:
        """Part `index` of `count`: cut where lines start, nearly equal in bytes."""
        start, size = self.start, self.num_bytes
        cuts = [start + size * part // count for part in (index, index + 1)]
        begin, end = [self._line_start(cut) for cut in cuts]
        return replace(self, start=begin, stop=end)

    @property
    def _last(self) -> int:
        with reading(self.path):
            size = self.path.stat().st_size
        return size if self.stop is None else self.stop

    @property
    def _first(self) -> int:
        if self.start > 0:
            return self.start
        with reading(self.path), self.path.open("rb") as file:
            return 3 if file.read(3) == BYTE_ORDER_MARK else 0

    def _read(self, tokenizer: Tokenizer, first: int, start: int, last: int) -> Block:
        """The block that owns the tokens (or lines, see Tokenizer.separators) starting from `start` on."""
        separator = re.compile(b"[" + tokenizer.separators + b"]")
        stop = min(start + self.block_bytes, last)
        rest = b""
        with reading(self.path), self.path.open("rb", buffering=0) as file:
            begin = start - (start > first)  # the byte before tells whether a token ends here
            text = self._read_exactly(file.fileno(), begin, stop)
            found = separator.search(text) if start > first else None
            skipped = found.start() if found else len(text) * (start > first)
            if skipped < len(text) and stop < last and not separator.match(text, len(text) - 1):
                rest = self._read_on(file.fileno(), separator, stop, last)
        closing = b"\n" if stop == last else b""
        owned = b"".join([memoryview(text)[skipped:], rest, closing])
        return tokenizer.block_of_lines(owned, str(self.path), begin + skipped, stop - start)

    def _read_on(self, descriptor: int, separator: re.Pattern[bytes], start: int, last: int) -> bytes:
        """The bytes from `start` to the next separator, or to `last`."""
        pieces: list[bytes] = []
        position, step = start, SHORT_READ
        while position < last:
            piece = self._read_exactly(descriptor, position, min(position + step, last))
            found = separator.search(piece)
            pieces.append(piece[: found.start()] if found else piece)
            if found:
                break
            position, step = position + len(piece), 2 * step
            if position - start > LONGEST_PIECE:
                raise CorpusError(
                    f"{self.path}: byte {start}: a word or line of more than {LONGEST_PIECE} bytes; "
                    "is it a text file?"
                )
        return b"".join(pieces)

    def _read_exactly(self, descriptor: int, start: int, stop: int) -> bytes:
        text = os.pread(descriptor, stop - start, start)
        while len(text) < stop - start:
            more = os.pread(descriptor, stop - start - len(text), start + len(text))
            if not more:
                raise FileAccessError(
                    f"{self.path}: the file became shorter while it was read; read it again"
                )
            text += more
        return text

    def _line_start(self, position: int) -> int:
        """The first start of a line at `position` or after it."""
        if position in (self.start, self._last):
            return position
        with reading(self.path), self.path.open("rb") as file:
            file.seek(position - 1)
            while chunk := file.read(self.block_bytes):
                found = chunk.find(b"\n")
                if found >= 0:
                    return min(file.tell() - len(chunk) + found + 1, self._last)
        return self._last
