"""What a trainer needs from a corpus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from rowspace.corpus.scan import Scan


@runtime_checkable
class Corpus(Protocol):
    """Documents that can be read again and again, and shared out."""

    def scan(self, *, threads: int = 1, progress: bool = False) -> Scan:
        """Count every token in one pass."""
        ...

    def shard(self, index: int, count: int) -> Corpus:
        """Part `index` of `count`: together the parts are the whole, without overlap."""
        ...

    def __iter__(self) -> Iterator[list[str]]:
        """The documents as tokens, those without tokens left out."""
        ...
