"""Which words have rows, in which order, and where pre-trained rows stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rowspace.arrays import Counts, PackedKeys, Vectors
from rowspace.errors import RecipeError, ShapeError
from rowspace.table import Table
from rowspace.tasks.classification.text_features import END_OF_TEXT
from rowspace.vocabulary import Words


@dataclass(frozen=True, eq=False)
class WordRows:
    """The words of a model; the first `num_frozen` rows stay as the pre-trained table has them."""

    table: Table | None = None
    frozen: bool = False

    def order(self, keys: PackedKeys, counts: Counts, min_count: int) -> Words:
        """Words met `min_count` times, the most frequent first, then those that only the table knows.

        The end of a text comes before them all. Frozen words go in front.
        """
        order = np.argsort(-counts, kind="stable")
        order = order[counts[order] >= min_count]
        end = PackedKeys.from_strings([END_OF_TEXT])
        met = end.followed_by(_without(keys.take(order), end))
        if self.table is not None:
            met = met.followed_by(_without(self.table.keys, met))
            if self.frozen:
                met = met.take(np.argsort(~self._known(met), kind="stable"))
        return Words.from_keys(met)

    def num_frozen(self, words: Words) -> int:
        """How many rows stay: those are the first."""
        return int(self._known(words.keys).sum()) if self.frozen else 0

    def place_(self, words: Words, vectors: Vectors) -> int:
        """Copy the table's rows to where their words stand in `vectors`; return how many there were.

        Raises RecipeError for a row that is not finite.
        """
        if self.table is None:
            return 0
        known = np.flatnonzero(self._known(words.keys))
        rows = self.table.lookup(words.keys.take(known)[:]) if len(known) else vectors[:0, : self.table.dim]
        if not np.isfinite(rows).all():
            place = int(known[np.argmax(~np.isfinite(rows).all(axis=1))])
            raise RecipeError(
                f"pre-trained rows must be finite, but the row of {words.keys[place]!r} is not; "
                "remove such rows from the table"
            )
        vectors[known, : self.table.dim] = rows
        return len(known)

    def check(self, dim: int) -> None:
        """Raise ShapeError for a table of another dim, RecipeError for frozen rows of no table."""
        if self.table is None and self.frozen:
            raise RecipeError('pretrained="frozen" needs pre-trained rows, but table is None; give a table')
        if self.table is not None and self.table.dim != dim:
            raise ShapeError(
                f"pre-trained rows must have the recipe's dim {dim}, but have {self.table.dim}; "
                f"set dim={self.table.dim} or choose another table"
            )

    def _known(self, keys: PackedKeys) -> np.ndarray:
        """Whether the table has a row for each key: bool (keys,)."""
        if self.table is None:
            return np.zeros(len(keys), np.bool_)
        return Words.from_keys(self.table.keys).find_all(keys) >= 0


def _without(keys: PackedKeys, others: PackedKeys) -> PackedKeys:
    """The keys that are not among `others`, in their order."""
    return keys.take(np.flatnonzero(Words.from_keys(others).find_all(keys) < 0))
