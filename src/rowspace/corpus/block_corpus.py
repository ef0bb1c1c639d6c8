"""A corpus made of sources: files, streams, records or Python documents."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, runtime_checkable

from tqdm import tqdm

from rowspace.corpus.block import Block, documents_of
from rowspace.corpus.scan import Scan, scan_blocks
from rowspace.corpus.tokenizer import Tokenizer
from rowspace.errors import CorpusError


@runtime_checkable
class Source(Protocol):
    """Where blocks come from."""

    @property
    def num_bytes(self) -> int | None:
        """The size in bytes where it is known beforehand."""
        ...

    def blocks(self, tokenizer: Tokenizer) -> Iterator[Callable[[], Block]]:
        """What makes each block, in order; the calls may be made by any thread."""
        ...

    def shard(self, index: int, count: int) -> Source:
        """Part `index` of `count`, cut between documents."""
        ...


@dataclass(frozen=True)
class BlockCorpus:
    """The documents of several sources one after another."""

    sources: Sequence[Source]
    tokenizer: Tokenizer

    def scan(self, *, threads: int = 1, progress: bool = False) -> Scan:
        """Count every token in one pass; `progress` shows a bar on a terminal after a second."""
        sizes = [source.num_bytes for source in self.sources]
        known = [size for size in sizes if size is not None]
        with tqdm(
            desc="reading",
            total=sum(known) if len(known) == len(sizes) else None,
            unit="B",
            unit_scale=True,
            delay=1,
            disable=not (progress and sys.stderr.isatty()),
        ) as bar:
            return scan_blocks(self._loads(), threads=threads, advance=bar.update)

    def shard(self, index: int, count: int) -> BlockCorpus:
        """Part `index` of `count`: together the parts are the whole, without overlap."""
        if not 0 <= index < count:
            raise CorpusError(f"a shard needs 0 <= index < count, but got {index} of {count}")
        return BlockCorpus([source.shard(index, count) for source in self.sources], self.tokenizer)

    def __iter__(self) -> Iterator[list[str]]:
        return documents_of(load() for load in self._loads())

    def _loads(self) -> Iterator[Callable[[], Block]]:
        for source in self.sources:
            for load in source.blocks(self.tokenizer):
                # A user's callable may not bear several threads, so it is called here, by one.
                yield load if self.tokenizer.tokenize is None else partial(_itself, load())


def _itself(block: Block) -> Block:
    return block
