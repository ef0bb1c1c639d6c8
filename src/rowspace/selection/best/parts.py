"""A corpus in two parts: what models are trained on, and what is held out to judge them by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rowspace.arrays import END, Counts, PackedKeys, Stream
from rowspace.corpus import EncodedCorpus, Scan, open_corpus
from rowspace.corpus.scan import Piece
from rowspace.corpus.stream_file import StreamFile
from rowspace.errors import CorpusError

EVERY = 40  # one run of tokens in so many is held out
LONGEST_RUN = 1_000  # tokens: long beside a window, so that cutting runs out loses no pairs worth counting
FEWEST_RUNS = 200  # in a small corpus, so that both parts hold some of everything
READ_RUNS = 256


@dataclass(frozen=True, eq=False)
class Part:
    """The runs of an encoded corpus that are held out, or all others: a Corpus that recipes train on.

    Runs and not documents, since a corpus may be one long line.

    >>> stream, keys = encode([["a", "b"], ["b", "c"]] * 300, threads=1)
    >>> learned, held_out = Part.both(stream, keys)
    >>> learned.scan().num_tokens, held_out.scan().num_tokens
    (1170, 30)
    """

    stream: EncodedCorpus
    keys: PackedKeys
    run: int  # ids in a run, those that close documents included
    is_held_out: bool

    @classmethod
    def both(cls, stream: EncodedCorpus, keys: PackedKeys) -> tuple[Part, Part]:
        """The part to learn from and the part that is held out."""
        run = min(LONGEST_RUN, max(1, stream.num_ids // FEWEST_RUNS))
        return cls(stream, keys, run, is_held_out=False), cls(stream, keys, run, is_held_out=True)

    def scan(self, *, threads: int = 1, progress: bool = False) -> Scan:
        """Count the tokens of this part; ids are at hand, so nothing is read from text."""
        del threads, progress  # a copy of ids is done before a bar would show
        counts: Counts = np.zeros(len(self.keys), np.int64)
        file, pieces = StreamFile.temporary(), []
        try:
            for ids in self.pieces():
                counts += np.bincount(ids[ids != END], minlength=len(counts))
                pieces.append(Piece.of(ids, 0, file.append(ids), 4 * len(ids)))
        except BaseException:
            file.close()
            raise
        return Scan(self.keys, counts, pieces, [np.arange(len(self.keys), dtype=np.int32)], file)

    def pieces(self) -> Iterator[Stream]:
        """The ids of this part, a few runs at a time; each run that is cut out of the rest ends with END."""
        length = self.run * EVERY
        for start in range(0, self.stream.num_ids, length * READ_RUNS):
            ids = self.stream.read(start, min(start + length * READ_RUNS, self.stream.num_ids))
            belongs = (np.arange(len(ids)) % length < self.run) == self.is_held_out
            last = belongs & ~np.append(belongs[1:], False)
            kept = np.insert(ids, np.flatnonzero(last) + 1, END)
            yield kept[np.insert(belongs, np.flatnonzero(last) + 1, True)]

    def shard(self, index: int, count: int) -> Part:
        """Not cut further: recipes train on the whole of it."""
        raise CorpusError(f"a part of a corpus is not shared out, but shard {index} of {count} was asked for")

    def __iter__(self) -> Iterator[list[str]]:
        for ids in self.pieces():
            for document in np.split(ids, np.flatnonzero(ids == END)):
                tokens = [self.keys[int(each)] for each in document if each != END]
                if tokens:
                    yield tokens


def encode(corpus: Any, *, threads: int, progress: bool = False) -> tuple[EncodedCorpus, PackedKeys]:
    """Read a corpus, whatever open_corpus takes, once: its ids and the key of each id.

    Raises CorpusError where it holds no token.
    """
    with open_corpus(corpus).scan(threads=threads, progress=progress) as scan:
        if scan.num_tokens == 0:
            raise CorpusError("a corpus must hold tokens, but this one holds none; check its path")
        return scan.encode(np.arange(len(scan.keys), dtype=np.int32)), scan.keys
