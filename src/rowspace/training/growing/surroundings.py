"""What stands around keys in a text: enough to place a key that a table does not know.

The mean of a key's neighbours lies in the few directions that frequent words share. A linear map learned
on known keys, from their surroundings in the same text to their rows, undoes that (Khodak et al. 2018,
"A la carte embedding").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int32, Int64

from rowspace.arrays import END, Counts, Stream, Vectors
from rowspace.training.spans import LONGEST, EncodedStream

FREQUENT = 1e-3  # a neighbour with this share of the text counts half
PUPILS = 5_000  # known keys, at most, that the map is learned from: the rarest, for new keys are rare too
PUPILS_A_DIM = 4  # fewer than this many for each column teach nothing: then there is no map
OCCURRENCES = 5  # of a pupil in the text, at least
RIDGE = 1e-3  # of the mean eigenvalue

Weights = Float64[np.ndarray, "rows"]
Wanted = Int32[np.ndarray, "ids"]


@dataclass(frozen=True, eq=False)
class Surroundings:
    """The weighted neighbours of some keys, summed over all occurrences."""

    sums: Float64[np.ndarray, "keys dim"]
    totals: Float64[np.ndarray, "keys"]  # of the weights; 0 where no known key was ever near

    @classmethod
    def none(cls, keys: int, dim: int) -> Surroundings:
        """Nothing around any key yet."""
        return cls(np.zeros((keys, dim)), np.zeros(keys))

    def means(self) -> Float64[np.ndarray, "keys dim"]:
        """The mean of the neighbours of each key; zero where it has none."""
        return self.sums / np.where(self.totals > 0, self.totals, 1.0)[:, None]


@dataclass(frozen=True, eq=False)
class Text:
    """An encoded text in which ids below len(vectors) are known keys, and higher ones new."""

    stream: EncodedStream
    vectors: Vectors  # of the known keys
    weights: Weights  # what each of them counts as a neighbour
    window: int

    def around(self, wanted: Wanted) -> Surroundings:
        """Sum what stands around every wanted id; wanted[id] is its place in the result, or -1.

        A neighbour counts its weight times (window + 1 - distance) / window. Windows end with the
        document. Costs a pass over the stream, and 2 x window x dim for each wanted token.
        """
        found = Surroundings.none(int(wanted.max(initial=-1)) + 1, self.vectors.shape[1])
        for ids, first, last in self._pieces():
            inside = ids[first:last]
            places = first + np.flatnonzero((inside != END) & (wanted[inside] >= 0))
            if len(places):
                _add_by_key_(found, wanted[ids[places]], *self._sums(ids, places))
        return found

    def _pieces(self) -> Iterator[tuple[Stream, int, int]]:
        """Parts of the stream with a window more on each side; the part itself is ids[first:last]."""
        num_ids = self.stream.num_ids
        for start in range(0, num_ids, LONGEST):
            stop = min(start + LONGEST, num_ids)
            low, high = max(0, start - self.window), min(num_ids, stop + self.window)
            yield self.stream.read(low, high), start - low, stop - low

    def _sums(
        self, ids: Stream, places: Int64[np.ndarray, "places"]
    ) -> tuple[Float32[np.ndarray, "places dim"], Float64[np.ndarray, "places"]]:
        """The weighted neighbours of each place, and the total of their weights."""
        document = np.cumsum(ids == END)
        sums = np.zeros((len(places), self.vectors.shape[1]), np.float32)
        totals = np.zeros(len(places))
        for shift in (*range(-self.window, 0), *range(1, self.window + 1)):
            near = np.clip(places + shift, 0, len(ids) - 1)
            valid: Bool[np.ndarray, "places"] = (near == places + shift) & (
                document[near] == document[places]
            )
            valid &= (ids[near] != END) & (ids[near] < len(self.vectors))
            rows = ids[near[valid]]
            weights = self.weights[rows] * ((self.window + 1 - abs(shift)) / self.window)
            sums[valid] += self.vectors[rows] * weights[:, None].astype(np.float32)
            totals[valid] += weights
        return sums, totals


def neighbor_weights(counts: Counts) -> Weights:
    """What a key counts as a neighbour: a / (a + its share of the text), a = FREQUENT.

    The rule of Arora, Liang & Ma (2017): without it every mean is that of the most frequent keys.

    >>> neighbor_weights(np.array([999, 1])).round(3)
    array([0.001, 0.5  ])
    """
    share = counts / max(1.0, float(counts.sum()))
    weights: Weights = FREQUENT / (FREQUENT + share)
    return weights


def pupils(counts: Counts, num_ids: int, dim: int) -> Wanted | None:
    """The known keys to learn the map from, as Text.around wants them, or None if they are too few.

    `counts` are those of the known keys in the text; ids from len(counts) to `num_ids` are new.
    """
    frequent = np.flatnonzero(counts >= OCCURRENCES)
    chosen = frequent[np.argsort(counts[frequent], kind="stable")][:PUPILS]
    if len(chosen) < PUPILS_A_DIM * dim:
        return None
    wanted: Wanted = np.full(num_ids, -1, np.int32)
    wanted[chosen] = np.arange(len(chosen))
    return wanted


def learn_map(means: Float64[np.ndarray, "keys dim"], rows: Vectors) -> Float64[np.ndarray, "dim dim"]:
    """The matrix M for which means @ M is nearest to `rows` in the least squares, with a small ridge.

    >>> means = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    >>> learn_map(means, (2 * means).astype(np.float32)).round(2)
    array([[2., 0.],
           [0., 2.]])
    """
    gram, dim = means.T @ means, means.shape[1]
    ridge = RIDGE * np.trace(gram) / dim + np.finfo(np.float64).tiny
    return np.linalg.solve(gram + ridge * np.eye(dim), means.T @ rows)


def _add_by_key_(
    found: Surroundings,
    keys: Int32[np.ndarray, "places"],
    sums: Float32[np.ndarray, "places dim"],
    totals: Float64[np.ndarray, "places"],
) -> None:
    """Add the sums of all places of the same key to that key."""
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    distinct = keys[order][starts]
    found.sums[distinct] += np.add.reduceat(sums[order], starts, axis=0)
    found.totals[distinct] += np.add.reduceat(totals[order], starts)
