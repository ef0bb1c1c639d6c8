"""A stream cut into columns that are read side by side, a stretch at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from rowspace.arrays import RowIds
from rowspace.tasks.generation.encoding import Ids

Block = Int64[np.ndarray, "length columns"]


@dataclass(frozen=True, eq=False)
class Stretches:
    """Truncated backpropagation through time: column c of a stretch goes on in column c of the next.

    The stream is a ring, and each epoch begins elsewhere in it, so that columns and stretches are cut at
    other places. A stretch is written as the place where its columns begin and its number.

    >>> stretches = Stretches.of(np.arange(11, dtype=np.int32), columns=2, length=3)
    >>> first, second = stretches.order(np.random.default_rng(1))
    >>> first.tolist(), second.tolist()
    ([5, 0], [5, 1])
    >>> inputs, targets = stretches.block(second)
    >>> inputs.T.tolist(), targets.T.tolist()
    ([[8, 9], [2, 3]], [[9, 10], [3, 4]])
    """

    ids: Ids
    columns: int
    length: int

    @classmethod
    def of(cls, ids: Ids, *, columns: int, length: int) -> Stretches:
        """Stretches of at most `length` ids; fewer columns where the stream is too short for so many."""
        return cls(ids, max(1, min(columns, len(ids) // length)), length)

    @property
    def height(self) -> int:
        """The ids of a column."""
        return len(self.ids) // self.columns

    def order(self, rng: np.random.Generator) -> list[RowIds]:
        """The stretches of an epoch, in order; the begin of its columns is drawn."""
        begin = int(rng.integers(len(self.ids)))
        return [np.array([begin, number]) for number in range(-(-self.height // self.length))]

    def block(self, chosen: RowIds) -> tuple[Block, Block]:
        """The ids of a stretch, and those that follow each."""
        begin, number = (int(each) for each in chosen)
        first = number * self.length
        places = np.arange(first, min(first + self.length, self.height))[:, None]
        places = places + begin + self.height * np.arange(self.columns)
        taken = self.ids.take(np.stack([places, places + 1]), mode="wrap").astype(np.int64)
        return taken[0], taken[1]
