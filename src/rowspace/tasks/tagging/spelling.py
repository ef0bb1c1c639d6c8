"""Spelling: words as their stretches of three characters, distinct stretches looked up once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from rowspace.arrays import RowIds

STRETCH = 3  # a character and its neighbors


@dataclass(frozen=True, eq=False)
class Spelling:
    """Word w is the stretches ``ids[starts[w]:starts[w + 1]]``, and each of these three rows of characters.

    A word has a stretch around each of its characters; before the first and behind the last stands padding.

    >>> spelling = Spelling.of_rows([[7, 8], [7]], padding=0)
    >>> spelling.stretches.tolist(), spelling.ids.tolist(), spelling.starts.tolist()
    ([[0, 7, 0], [0, 7, 8], [7, 8, 0]], [1, 2, 0], [0, 2, 3])
    """

    stretches: Int64[np.ndarray, "distinct 3"]
    ids: Int64[np.ndarray, "ids"]
    starts: Int64[np.ndarray, "words_plus_1"]

    @classmethod
    def of_rows(cls, words: Sequence[Sequence[int]], padding: int) -> Spelling:
        """The spelling of words that are given as rows of characters, of which each has one at least."""
        flat = [row for word in words for row in (padding, *word, padding)]
        sizes = np.array([len(word) for word in words], np.int64)
        begins = np.cumsum(sizes + 2) - (sizes + 2)  # each word lies between two paddings
        first = np.repeat(begins, sizes) + _places(sizes)
        rows = np.array(flat, np.int64)[first[:, None] + np.arange(STRETCH)]
        stretches, ids = np.unique(rows, axis=0, return_inverse=True)
        return cls(stretches, ids.reshape(-1), np.concatenate([[0], np.cumsum(sizes)]))

    def of_words(self, words: RowIds) -> Spelling:
        """The spelling of some words alone."""
        sizes = np.diff(self.starts)[words]
        of_words = self.ids[np.repeat(self.starts[words], sizes) + _places(sizes)]
        met, ids = np.unique(of_words, return_inverse=True)
        return Spelling(self.stretches[met], ids, np.concatenate([[0], np.cumsum(sizes)]))


def _places(sizes: Int64[np.ndarray, "words"]) -> Int64[np.ndarray, "places"]:
    """0, 1, ... inside each word."""
    begins = np.repeat(np.cumsum(sizes) - sizes, sizes)
    places: Int64[np.ndarray, "places"] = np.arange(len(begins)) - begins
    return places
