"""The keys that may answer a question, and which of them answers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from jaxtyping import Float64, Int64

from rowspace.evaluation.matching import first_keys
from rowspace.search.analogy import unit
from rowspace.search.exact import ExactIndex
from rowspace.search.neighbors import key_store
from rowspace.table import Table

Classes = Int64[np.ndarray, "n"]


class Candidates:
    """The first `limit` keys of a table (None: all). Keys that fold alike are one class, its first row.

    >>> table = Table.from_arrays(["cup", "Mug", "mug"], np.array([[1, 0], [1, 1], [0, 1]], np.float32))
    >>> candidates = Candidates(table, fold=True, limit=None)
    >>> candidates.find(["MUG", "car"]), candidates.answer(np.array([[1.0, 3.0]]), np.array([[1]]))
    (array([ 1, -1]), array([0]))
    """

    def __init__(self, table: Table, *, fold: bool, limit: int | None, threads: int | None = None) -> None:
        """Read the keys; `threads` are those of the search."""
        self._table, self._limit, self._threads, self._fold = table, limit, threads, fold
        self._class_of: dict[str, int] = {}
        self.classes: Classes = np.array(
            [
                self._class_of.setdefault(key.lower() if fold else key, row)
                for row, key in enumerate(first_keys(table, limit))
            ],
            np.int64,
        )

    def __len__(self) -> int:
        return len(self.classes)

    @cached_property
    def index(self) -> ExactIndex:
        """The search, which reads every row once when first asked for."""
        return ExactIndex(key_store(self._table), limit=self._limit, threads=self._threads)

    def find(self, words: Sequence[str]) -> Classes:
        """The class of each word, -1 where no candidate matches or the vector is not finite."""
        found = [self._class_of.get(word.lower() if self._fold else word, -1) for word in words]
        classes: Classes = np.array(found, np.int64)
        known, place = np.unique(classes[classes >= 0], return_inverse=True)
        finite = np.isfinite(key_store(self._table).gather(known)).all(axis=1)
        classes[classes >= 0] = np.where(finite, known, -1)[place]
        return classes

    def units(self, classes: Classes) -> Float64[np.ndarray, "n dim"]:
        """The unit vectors of classes."""
        return unit(key_store(self._table).gather(classes))

    def answer(
        self, queries: Float64[np.ndarray, "q dim"], asked: Int64[np.ndarray, "q words"]
    ) -> Int64[np.ndarray, "q"]:
        """The class nearest to each query by cosine that is none of `asked`; -1 where none is left.

        Of equally near ones the first row answers.
        """
        k = 1 + int(np.bincount(self.classes)[asked].sum(axis=1).max(initial=0))  # one is of another class
        ids = self.index.search(queries.astype(np.float32), k).ids
        found = np.where(ids >= 0, self.classes[ids], -1)
        allowed = (found[:, :, None] != asked[:, None, :]).all(axis=2)
        first = np.argmax(allowed, axis=1)[:, None]
        best: Classes = np.take_along_axis(np.where(allowed, found, -1), first, 1)[:, 0]
        return best
