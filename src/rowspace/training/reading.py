"""From a corpus to what a trainer needs: a vocabulary, its counts, and the encoded stream."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int32, Int64

from rowspace.arrays import Counts
from rowspace.corpus import EncodedCorpus, open_corpus
from rowspace.errors import CorpusError
from rowspace.training.spans import LONGEST
from rowspace.vocabulary import Missing, Words, build_words, rows_of_scan


@dataclass(frozen=True, kw_only=True)
class VocabularyRules:
    """Which keys get a row, and what the others get."""

    min_count: int
    max_size: int | None
    unknown: Missing
    unknown_key: str
    special: Sequence[str]
    given: Words | None  # a ready vocabulary; the rules above are then not asked

    @classmethod
    def of(cls, recipe: Any, special: Sequence[str], given: Words | None) -> VocabularyRules:
        """The rules of a recipe, which all have these four fields."""
        return cls(
            min_count=recipe.min_count,
            max_size=recipe.max_size,
            unknown=recipe.unknown,
            unknown_key=recipe.unknown_key,
            special=special,
            given=given,
        )


@dataclass(frozen=True, eq=False)
class Reading:
    """A corpus read once: everything that epochs need."""

    words: Words
    stream: EncodedCorpus
    counts: Counts  # int64 (rows,): how often each row occurs in this corpus
    figures: dict[str, int]  # documents, tokens, kept, rows, bytes

    def fingerprint(self) -> dict[str, str]:
        """Digests of the vocabulary and of the stream, to tell this corpus from every other."""
        keys = self.words.keys
        vocabulary = hashlib.blake2b(digest_size=16)
        for array in (keys.data, keys.offsets, self.counts):
            vocabulary.update(np.ascontiguousarray(array).data)
        stream = hashlib.blake2b(digest_size=16)
        for start in range(0, self.stream.num_ids, LONGEST):
            stream.update(self.stream.read(start, min(start + LONGEST, self.stream.num_ids)).data)
        return {"vocabulary": vocabulary.hexdigest(), "stream": stream.hexdigest()}


def read_corpus(source: Any, rules: VocabularyRules, *, threads: int, progress: bool) -> Reading:
    """Count, choose the vocabulary and encode. `source` is whatever open_corpus takes.

    Raises CorpusError for a corpus of which nothing is left.
    """
    with open_corpus(source).scan(threads=threads, progress=progress) as scan:
        words = rules.given or build_words(
            scan,
            min_count=rules.min_count,
            max_size=rules.max_size,
            special=rules.special,
            unknown_key=rules.unknown_key if rules.unknown == "unknown" else None,
            missing=rules.unknown,
        )
        row_of = rows_of_scan(scan, words)
        counts = counts_by_row(row_of, scan.counts, len(words))
        if not counts.any():
            raise CorpusError(
                f"a corpus must hold keys of the vocabulary, but none of its {scan.num_tokens} tokens is "
                f"one of the {len(words)} keys; check the tokenising, or train without a given vocabulary"
            )
        figures = {
            "documents": scan.num_documents,
            "tokens": scan.num_tokens,
            "bytes": scan.num_bytes,
            "kept": int(counts.sum()),
            "rows": len(words),
        }
        return Reading(words, scan.encode(row_of), counts, figures)


def counts_by_row(
    row_of: Int32[np.ndarray, "distinct"], counts: Int64[np.ndarray, "distinct"], num_rows: int
) -> Counts:
    """Add the counts of all keys that share a row; a key without a row (-1) counts for nothing."""
    total: Counts = np.zeros(num_rows, np.int64)
    known = row_of >= 0
    np.add.at(total, row_of[known], counts[known])
    return total
