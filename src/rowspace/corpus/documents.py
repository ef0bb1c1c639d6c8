"""Documents that Python hands over: strings to be cut into tokens, or lists of tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

from rowspace.corpus.block import BLOCK_BYTES, Block
from rowspace.corpus.tokenizer import Tokenizer
from rowspace.errors import CorpusError


@dataclass(frozen=True)
class Strings:
    """Each string is one document; those whose number is `index` modulo `count`."""

    iterate: Callable[[], Iterable[Any]]  # each checked when it is read
    index: int = 0
    count: int = 1
    block_bytes: int = BLOCK_BYTES

    num_bytes = None

    def blocks(self, tokenizer: Tokenizer) -> Iterator[Callable[[], Block]]:
        """What makes each block, in order."""
        batch: list[str] = []
        num_chars = 0
        for number, document in enumerate(islice(self.iterate(), self.index, None, self.count)):
            if not isinstance(document, str):
                place = self.index + number * self.count
                raise CorpusError(
                    f"document {place} must be a str like the first one, "
                    f"but is {type(document).__name__}: {document!r:.60}"
                )
            batch.append(document)
            num_chars += len(document)
            if num_chars >= self.block_bytes:
                yield partial(tokenizer.block_of_documents, batch)
                batch, num_chars = [], 0
        if batch:
            yield partial(tokenizer.block_of_documents, batch)

    def shard(self, index: int, count: int) -> Strings:
        """Part `index` of `count`: every count-th document."""
        return replace(self, index=self.index + self.count * index, count=self.count * count)


@dataclass(frozen=True)
class TokenLists:
    """Each document is a sequence of tokens; those whose number is `index` modulo `count`."""

    documents: Iterable[Any]  # each checked when it is read
    index: int = 0
    count: int = 1
    block_bytes: int = BLOCK_BYTES

    num_bytes = None

    def blocks(self, tokenizer: Tokenizer) -> Iterator[Callable[[], Block]]:
        """What makes each block, in order."""
        batch: list[Sequence[str]] = []
        num_chars = 0
        for number, document in enumerate(islice(self.documents, self.index, None, self.count)):
            try:
                if isinstance(document, str):
                    raise TypeError
                tokens = list(document)
                num_chars += len("".join(tokens))  # the quickest proof that all of them are str
            except TypeError:
                place = self.index + number * self.count
                raise CorpusError(
                    f"document {place} must be a list of str like the first one, "
                    f"but is {type(document).__name__}: {document!r:.60}"
                ) from None
            batch.append(tokens)
            if num_chars >= self.block_bytes:
                yield partial(tokenizer.block_of_tokens, batch)
                batch, num_chars = [], 0
        if batch:
            yield partial(tokenizer.block_of_tokens, batch)

    def shard(self, index: int, count: int) -> TokenLists:
        """Part `index` of `count`: every count-th document."""
        return replace(self, index=self.index + self.count * index, count=self.count * count)
