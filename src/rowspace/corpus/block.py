"""A block: some hundred kilobytes of a corpus, the unit that threads share out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rowspace import kernels
from rowspace.arrays import Bytes
from rowspace.errors import CorpusError
from rowspace.kernels.reference.token_scan import PADDING, Bounds, Room

# Text, bounds and ids of one block stay in a core's second-level cache.
BLOCK_BYTES = 1 << 18
LARGEST_BLOCK = (1 << 31) - PADDING - 1  # bounds are int32
WHITE_SPACE = b" \t\n\r\v\f"


@dataclass(frozen=True, eq=False)
class Block:
    """Text in which white space divides tokens and newlines end documents, or tokens that are cut.

    A block need not begin or end with a document: one document may reach over many blocks.
    """

    text: Bytes  # followed by PADDING spaces
    bounds: tuple[Bounds, Bounds] | None  # starts and stops, empty at a document's end; None: white space
    num_bytes: int  # of the corpus that this block stands for

    @classmethod
    def from_text(cls, text: bytes, num_bytes: int | None = None) -> Block:
        """A block whose tokens are divided by ASCII white space."""
        if len(text) > LARGEST_BLOCK:
            raise CorpusError(f"a document of {len(text)} bytes is too large; split it below 2 GiB")
        padded = np.frombuffer(text + b" " * PADDING, np.uint8)
        return cls(padded, None, len(text) if num_bytes is None else num_bytes)

    @classmethod
    def from_tokens(
        cls,
        documents: Sequence[Sequence[str]],
        encode: Callable[[str], bytes],
        num_bytes: int | None = None,
    ) -> Block:
        """A block of whole documents, kept exact even where tokens hold white space."""
        text = encode("\n".join(map(" ".join, documents)) + "\n")
        written = sum(max(len(document), 1) for document in documents)
        # As many separators as we wrote: so no token holds one, and the text can be cut again.
        if len(text) - len(text.translate(None, WHITE_SPACE)) == written:
            return cls.from_text(text, num_bytes)
        tokens = [encode(token) for document in documents for token in [*filter(None, document), ""]]
        joined = cls.from_text(b"".join(tokens), num_bytes)
        stops = np.cumsum(np.fromiter(map(len, tokens), np.int64, len(tokens)))
        starts = np.concatenate([np.zeros(1, np.int64), stops[:-1]])
        return cls(joined.text, (starts.astype(np.int32), stops.astype(np.int32)), joined.num_bytes)

    def cut(self, starts: Room, stops: Room) -> tuple[Bounds, Bounds]:
        """Where each token starts and stops in the text; an empty one ends a document.

        Both arrays are overwritten, and must hold `num_bounds` numbers; views of them come back.
        """
        if self.bounds is not None:
            return self.bounds
        num_tokens = kernels.load("token_scan").cut_text(self.text, starts, stops)
        return starts[:num_tokens], stops[:num_tokens]

    @property
    def num_bounds(self) -> int:
        """The most tokens and ends of documents that this block can hold."""
        return len(self.text) if self.bounds is None else len(self.bounds[0])


def documents_of(blocks: Iterable[Block]) -> Iterator[list[str]]:
    """The documents of consecutive blocks, as tokens; documents without tokens vanish."""
    document: list[str] = []
    for block in blocks:
        scratch = np.empty((2, block.num_bounds), np.int32)
        text, (starts, stops) = block.text.tobytes(), block.cut(*scratch)
        for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
            if start < stop:
                document.append(text[start:stop].decode("utf-8", "surrogateescape"))
            elif document:
                yield document
                document = []
    if document:
        yield document
