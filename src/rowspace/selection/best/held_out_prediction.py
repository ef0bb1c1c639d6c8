"""Evidence from text that no model saw: do the words around a gap tell which word stands in it?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int64

from rowspace.arrays import END, Counts, Stream, Vectors

Means = Float32[np.ndarray, "gaps dim"]

MOST_GAPS = 20_000
NOISE_WORDS = 500
WINDOW = 5
RARE = 1e-4  # a word of this share of the corpus counts half among its neighbors (Arora et al. 2017)
MOST_FREQUENT = 1e-3  # no gap is made of a word with a larger share: it stands between any neighbors
GAPS_AT_A_TIME = 2_000


@dataclass(frozen=True, eq=False)
class Gaps:
    """Words of held-out text, the words around each, and noise words that might have stood there.

    >>> gaps = Gaps.draw(np.array([0, 1, 2, 3] * 5, np.int32), np.full(4, 5), seed=0)
    >>> len(gaps.words), gaps.neighbors.shape
    (0, (0, 10))
    """

    words: Int64[np.ndarray, "gaps"]
    neighbors: Int64[np.ndarray, "gaps 10"]  # -1 where the document has none
    shares: Float32[np.ndarray, "rows"]  # what a neighbor weighs
    noise: Int64[np.ndarray, "noise"]

    @classmethod
    def draw(cls, ids: Stream, counts: Counts, *, seed: int) -> Gaps:
        """Draw gaps from held-out row ids with END behind each document, and noise by its count."""
        rng = np.random.default_rng(seed)
        shares = counts / max(1, counts.sum())
        padded = np.concatenate([np.full(WINDOW, END), ids, np.full(WINDOW, END)]).astype(np.int64)
        fit = np.flatnonzero((ids >= 0) & (shares[ids] < MOST_FREQUENT))
        chosen = np.sort(rng.permutation(fit)[:MOST_GAPS])
        before, behind = np.arange(WINDOW - 1, -1, -1), np.arange(WINDOW + 1, 2 * WINDOW + 1)
        neighbors = np.concatenate(
            [_up_to_end(padded[chosen[:, None] + side]) for side in (before, behind)], axis=1
        )
        smoothed = np.cumsum(counts**0.75)
        noise = np.searchsorted(smoothed, rng.random(NOISE_WORDS) * smoothed[-1], side="right")
        return cls(
            ids[chosen].astype(np.int64), neighbors, (RARE / (RARE + shares)).astype(np.float32), noise
        )

    def score(self, units: Vectors) -> float:
        """The share of gaps whose word is nearer to its neighbors' mean than every noise word, in [0, 1].

        `units` holds a row of length one for each word. The mean rank would reward knowing the topic alone;
        only rows that tell apart what fits a topic win outright.
        """
        wins = 0
        for start in range(0, len(self.words), GAPS_AT_A_TIME):
            words = self.words[start : start + GAPS_AT_A_TIME]
            around = self._around(units, self.neighbors[start : start + GAPS_AT_A_TIME])
            own = np.einsum("gd,gd->g", around, units[words])[:, None]
            others = around @ units[self.noise].T
            others[words[:, None] == self.noise] = -np.inf  # the word itself is no noise
            wins += int((others < own).all(axis=1).sum())
        return wins / max(1, len(self.words))

    def _around(self, units: Vectors, neighbors: Int64[np.ndarray, "gaps 10"]) -> Means:
        around: Means = np.zeros((len(neighbors), units.shape[1]), np.float32)
        for column in neighbors.T:
            weights = np.where(column >= 0, self.shares[column], 0)[:, None]
            around += weights * units[column]
        return around


def _up_to_end(neighbors: Int64[np.ndarray, "gaps window"]) -> Int64[np.ndarray, "gaps window"]:
    """Neighbors from the nearest to the farthest, -1 from the end of the document on."""
    inside = np.logical_and.accumulate(neighbors != END, axis=1)
    return np.where(inside, neighbors, -1)
