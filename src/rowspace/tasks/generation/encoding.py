"""Text as one stream of ids, in which each sentence has its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int32

from rowspace.arrays import END, RowIds
from rowspace.corpus import Scan, open_corpus
from rowspace.errors import CorpusError
from rowspace.vocabulary import Words, build_words, rows_of_scan

END_KEY = "</s>"  # closes every sentence; so a text that writes it ends one
UNKNOWN_KEY = "<unk>"  # stands for every word without a row of its own

Ids = Int32[np.ndarray, "..."]  # a text and its validation text differ in length


@dataclass(frozen=True)
class Rules:
    """How text becomes words: what open_corpus asks."""

    lowercase: bool = False
    pattern: str | None = None

    def scan(self, text: Any, *, threads: int = 1, progress: bool = False) -> Scan:
        """Read a text once: whatever open_corpus takes. CorpusError where it holds no word."""
        corpus = open_corpus(text, lowercase=self.lowercase, pattern=self.pattern)
        scan = corpus.scan(threads=threads, progress=progress)
        if scan.num_tokens == 0:
            scan.close()
            raise CorpusError(
                f"a text must hold words, but this one has none in its {scan.num_bytes} bytes; check the path"
            )
        return scan

    def words_of(self, text: str) -> list[str]:
        """The words of one piece of text, which may be none.

        >>> Rules(lowercase=True).words_of(" The  king ")
        ['the', 'king']
        """
        return [word for sentence in open_corpus([text], **vars(self)) for word in sentence]


def learn_words(scan: Scan, *, num_keys: int, min_count: int) -> Words:
    """The vocabulary: the end of a sentence, the unknown word, then words by falling count.

    >>> with Rules().scan(["to be or", "not to be"]) as scan:
    ...     words = learn_words(scan, num_keys=4, min_count=1)
    >>> list(words.keys), words.counts.tolist()
    (['</s>', '<unk>', 'be', 'to'], [2, 2, 2, 2])
    """
    words = build_words(
        scan,
        min_count=min_count,
        max_size=num_keys,
        special=[END_KEY, UNKNOWN_KEY],
        unknown_key=UNKNOWN_KEY,
        missing="unknown",
    )
    assert words.counts is not None
    counts = words.counts.copy()
    counts[words.find(END_KEY)] += scan.num_documents
    return Words.from_keys(words.keys, counts=counts, unknown_key=UNKNOWN_KEY, missing="unknown")


def encode(scan: Scan, words: Words) -> Ids:
    """All ids of a text, four bytes each, with an end behind each sentence.

    >>> with Rules().scan(["to be or", "not to be"]) as scan:
    ...     encode(scan, learn_words(scan, num_keys=4, min_count=1))
    array([3, 2, 1, 0, 1, 3, 2, 0], dtype=int32)
    """
    with scan.encode(rows_of_scan(scan, words)) as encoded:
        ids = encoded.read(0, encoded.num_ids)
    ids[ids == END] = words.find(END_KEY)
    return ids


def ids_of(found: Sequence[str], words: Words) -> RowIds:
    """The ids of some words; of a word without a row that of the unknown word."""
    ids = words.find_all(list(found))
    ids[ids < 0] = words.unknown_row
    return ids
