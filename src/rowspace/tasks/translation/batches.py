"""Pairs of sentences as numbers, and batches of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Int64
from torch import Tensor

from rowspace.arrays import RowIds

Chosen = Int64[np.ndarray, "_"]  # the pairs of a batch

PADDING, START, END = 0, 1, 2  # rows of every translator


@dataclass(frozen=True, eq=False)
class Batch:
    """Some pairs. The writer is given its target behind START and shall write it with END behind."""

    source: Int64[Tensor, "sentences length"]
    lengths: Int64[Tensor, "sentences"]  # of the sources
    given: Int64[Tensor, "sentences places"]
    places: Int64[Tensor, "wanted"]  # those of `given`, counted through, that are no padding
    wanted: Int64[Tensor, "wanted"]  # what comes behind each


@dataclass(frozen=True, eq=False)
class Ragged:
    """Sequences of row ids, one behind the other: sequence s is ids[starts[s]:starts[s + 1]]."""

    ids: RowIds
    starts: Int64[np.ndarray, "sequences_plus_1"]

    @classmethod
    def of(cls, sequences: Sequence[Sequence[int]]) -> Ragged:
        """Lay sequences behind each other."""
        starts = np.concatenate([[0], np.cumsum([len(each) for each in sequences])]).astype(np.int64)
        return cls(np.array([row for each in sequences for row in each], np.int64), starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> Int64[np.ndarray, "sequences"]:
        """Of each sequence."""
        return np.diff(self.starts)

    def padded(
        self, chosen: RowIds
    ) -> tuple[Int64[np.ndarray, "chosen length"], Int64[np.ndarray, "chosen"]]:
        """Some of the sequences as lines of one array, and their lengths."""
        lengths = self.lengths[chosen]
        places = np.arange(int(lengths.max(initial=0)))
        is_real = places < lengths[:, None]
        lines = np.full(is_real.shape, PADDING, np.int64)
        lines[is_real] = self.ids[(self.starts[chosen][:, None] + places)[is_real]]
        return lines, lengths


@dataclass(frozen=True, eq=False)
class Encoded:
    """Pairs as row ids; each source and each target ends with END."""

    sources: Ragged
    targets: Ragged

    def __len__(self) -> int:
        return len(self.sources)

    def batch(self, chosen: RowIds) -> Batch:
        """A batch of the pairs `chosen`."""
        source, lengths = self.sources.padded(chosen)
        target, target_lengths = self.targets.padded(chosen)
        given = np.concatenate([np.full((len(chosen), 1), START), target[:, :-1]], 1)
        places = np.flatnonzero(np.arange(target.shape[1]) < target_lengths[:, None])
        arrays = source, lengths, given, places, target.ravel()[places]
        return Batch(*map(torch.from_numpy, arrays))

    def shuffled(self, chosen: RowIds, pieces: int, rng: np.random.Generator) -> list[Chosen]:
        """All of `chosen` in batches of about `pieces` target pieces and about one length, in random order.

        How many batches there are follows from the whole of the data, whatever is chosen of it.
        """
        source, target = self.sources.lengths[chosen], self.targets.lengths[chosen]
        order = np.lexsort((rng.random(len(chosen)), target, source))
        count = max(1, -(-int(target.sum()) // pieces))
        number = np.cumsum(target[order]) * count // (target.sum() + 1)
        groups = np.split(chosen[order], np.flatnonzero(np.diff(number)) + 1)
        return [groups[place] for place in rng.permutation(len(groups))]
