"""The vocabulary of one column: rows for unknown categories and for missing values, and one a category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float32, Int64

from rowspace.arrays import Counts
from rowspace.errors import RecipeError
from rowspace.nn.columns.category import Kind, categories_of, check_kind
from rowspace.nn.columns.distinct import distinct_values
from rowspace.vocabulary import Words

UNKNOWN, MISSING, FIRST = 0, 1, 2  # rows of every column; its categories follow

MOST_REPLACED = 0.5

Ids = Int64[np.ndarray, "rows"]


class EncodedColumn(NamedTuple):
    """A column's row ids, and what was not known of it."""

    ids: Ids
    num_unknown: int
    num_missing: int
    examples: tuple[str, ...]  # the unknown categories that occur most often


@dataclass(frozen=True, eq=False)
class ColumnVocabulary:
    """The categories of one column, most frequent first.

    Missing values have the row MISSING, or UNKNOWN if no value was missing in training: nothing else
    would ever train that row.

    >>> colors = ColumnVocabulary.learn("color", ["red", "blue", "red", None], min_count=2)
    >>> list(colors.words.keys), colors.num_unknown, colors.num_missing
    (['red'], 1, 1)
    >>> colors.encode(["red", "green", None]).ids
    array([2, 0, 1])
    """

    name: str
    kind: Kind | None  # None where every value was missing
    words: Words  # the categories' texts and counts
    num_unknown: int  # training rows with a category below min_count
    num_missing: int

    @classmethod
    def learn(cls, name: str, column: Any, *, min_count: int = 1) -> ColumnVocabulary:
        """Keep the categories that occur `min_count` times or more, by falling count and then by text."""
        if min_count < 1:
            raise RecipeError(f"min_count must be at least 1, but is {min_count}")
        distinct = distinct_values(column, name)
        kind, texts = categories_of(distinct.values, name)
        tally = np.bincount(distinct.codes[distinct.codes >= 0], minlength=len(texts)).tolist()
        counts: dict[str, int] = {}
        for text, count in zip(texts, tally, strict=True):
            if text is not None:  # 5 and 5.0 may both be there
                counts[text] = counts.get(text, 0) + count
        kept = sorted(text for text, count in counts.items() if count >= min_count)
        kept.sort(key=counts.__getitem__, reverse=True)  # equal counts stay in order
        own = np.array([counts[text] for text in kept], np.int64)
        known = sum(counts.values())
        words = Words.from_keys(kept, counts=own)
        return cls(name, kind, words, known - int(own.sum()), len(distinct.codes) - known)

    @property
    def num_rows(self) -> int:
        """The rows that it needs: one a category, and the two special ones."""
        return FIRST + len(self.words)

    @property
    def counts(self) -> Counts:
        """How many training rows stand behind each row, int64 (num_rows,)."""
        own = np.zeros(len(self.words), np.int64) if self.words.counts is None else self.words.counts
        return np.concatenate([[self.num_unknown, self.num_missing], own]).astype(np.int64)

    def unknown_rates(self, rate: float) -> Float32[np.ndarray, "rows"]:
        """How likely each row is to be replaced by the unknown one in training, so that the mean is `rate`.

        Every category is replaced as often as any other, though never more than half of the time: what
        comes new later resembles a category drawn at random more than a training row drawn at random.
        """
        counts = self.counts[FIRST:]
        mean = counts.mean() if counts.sum() else 1.0
        rates = np.minimum(rate * mean / np.maximum(counts, 1), max(rate, MOST_REPLACED))
        return np.concatenate([np.zeros(FIRST), rates]).astype(np.float32)

    def encode(self, column: Any, *, num_examples: int = 3) -> EncodedColumn:
        """The row of each value; ShapeError for values of another kind than in training."""
        distinct = distinct_values(column, self.name)
        kind, texts = categories_of(distinct.values, self.name)
        check_kind(kind, self.kind, self.name, distinct.values)
        rows = self._rows_of(texts)
        is_missing = np.array([*(text is None for text in texts), True])  # the last: the code -1
        rows[is_missing] = MISSING if self.num_missing else UNKNOWN
        is_unknown = ~is_missing & (rows == UNKNOWN)
        tally = np.bincount(distinct.codes + 1, minlength=len(rows))
        tally = np.append(tally[1:], tally[0])
        most = np.argsort(-np.where(is_unknown, tally, 0), kind="stable")[
            : min(num_examples, is_unknown.sum())
        ]
        return EncodedColumn(
            rows[distinct.codes],
            int(tally[is_unknown].sum()),
            int(tally[is_missing].sum()),
            tuple(texts[place] or "" for place in most.tolist()),
        )

    def _rows_of(self, texts: Sequence[str | None]) -> Ids:
        """The row of each text, UNKNOWN where it has none, and one more for the code -1."""
        found = self.words.find_all([text or "" for text in texts])
        rows: Ids = np.append(np.where(found >= 0, found + FIRST, UNKNOWN), UNKNOWN)
        return rows
