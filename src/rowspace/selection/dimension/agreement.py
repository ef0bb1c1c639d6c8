"""How well the cosines of a table order the pairs of keys that meet in a text it was not trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, Int32

from rowspace.arrays import Vectors
from rowspace.corpus import Corpus
from rowspace.errors import CorpusError
from rowspace.evaluation.statistics import average_ranks, pearson
from rowspace.selection.dimension.counted import counted
from rowspace.vocabulary import Words

OFTEN = 5  # occurrences in the held-out text that a key needs: the information of rarer ones is noise
SMOOTHING = 0.75  # of the context's counts, as in PPMI (Levy, Goldberg & Dagan 2015)
PAIRS_AT_ONCE = 1 << 16


@dataclass(frozen=True, eq=False)
class HeldOutPairs:
    """Pairs of rows that meet in the held-out text, ranked by their pointwise mutual information in it."""

    first: Int32[np.ndarray, "pairs"]
    second: Int32[np.ndarray, "pairs"]
    ranks: Float64[np.ndarray, "pairs"]

    @classmethod
    def count(cls, text: Corpus, keys: Words, *, window: int, threads: int) -> HeldOutPairs:
        """Count the pairs of `keys` at most `window` apart in `text`, nearer ones more.

        Pairs count whether they meet more or less often than by chance. Raises CorpusError where fewer than
        two pairs of keys with five occurrences each meet.
        """
        with counted(text, keys, window=window, threads=threads) as (counts, pairs):
            blocks = list(pairs.blocks())
        rows, columns = (np.concatenate([block[side] for block in blocks]) for side in (0, 1))
        weights = np.concatenate([block.weights for block in blocks]).astype(np.float64)
        sums = np.bincount(rows, weights, minlength=len(keys))
        often = counts >= OFTEN
        kept = often[rows] & often[columns] & (rows < columns)
        first, second = rows[kept], columns[kept]
        information = np.log(weights[kept]) - np.log(sums[first]) - SMOOTHING * np.log(sums[second])
        if len(first) < 2:
            raise CorpusError(
                f"the held-out tenth of a corpus must hold pairs of keys with {OFTEN} occurrences each, but "
                f"this one, of {counts.sum()} tokens with a row, holds {len(first)}; give more text"
            )
        return cls(first, second, average_ranks(information))

    def agreement(self, vectors: Vectors) -> float:
        """The rank correlation of the cosines of the pairs with their information; 0 where all are equal.

        A vector of zeros has the cosine 0 with all others.
        """
        return pearson(average_ranks(self._cosines(vectors)), self.ranks) or 0.0

    def _cosines(self, vectors: Vectors) -> Float64[np.ndarray, "pairs"]:
        units: Float32[np.ndarray, "rows dim"] = unit_rows(vectors)
        cosines = np.empty(len(self.first))
        for start in range(0, len(cosines), PAIRS_AT_ONCE):
            part = slice(start, start + PAIRS_AT_ONCE)
            cosines[part] = np.einsum("pd,pd->p", units[self.first[part]], units[self.second[part]])
        return cosines


def unit_rows(vectors: Vectors) -> Vectors:
    """Each row at length one; a row of zeros as it is."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units: Vectors = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return units
