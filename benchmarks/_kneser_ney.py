"""An interpolated Kneser-Ney model with three discounts an order (Chen & Goodman, 1999), as a baseline.

A position's context is the `order - 1` ids before it, in one stream of ids or from its sentence alone. Ids
must be below 2**15 for an order of 4, so that an n-gram is one int64.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Ids = np.ndarray  # int64 (n,)


@dataclass(frozen=True)
class Level:
    """The n-grams of one length: adjusted counts, and for each context what discounting leaves over."""

    grams: Ids  # sorted
    discounted: np.ndarray  # float64: count less discount, over the context's total
    contexts: Ids  # sorted
    left: np.ndarray  # float64: the share that goes to the shorter context

    def probability(self, grams: Ids, contexts: Ids, shorter: np.ndarray) -> np.ndarray:
        """Interpolate with the probabilities under the shorter context; all of it for a new context."""
        left, known = found(self.contexts, self.left, contexts)
        own, _ = found(self.grams, self.discounted, grams)
        return own + np.where(known, left, 1.0) * shorter


class KneserNey:
    """A model of the next id: counts for the longest n-grams, numbers of different ids before for shorter."""

    def __init__(self, ids: Ids, num_keys: int, *, order: int = 4, end: int | None = None) -> None:
        """Count a stream; with `end`, the id that ends sentences, contexts begin anew after it."""
        self.num_keys, self.order, self.end = num_keys, order, end
        self.bits = max(1, int(num_keys - 1).bit_length())
        if self.bits * order > 63:
            raise ValueError(f"{order} ids of {self.bits} bits do not fit 63; take fewer keys")
        rows, counts = np.unique(self._grams(ids), return_counts=True)
        levels = []
        for length in range(order, 0, -1):
            levels.append(self._level(rows, counts))
            if length > 1:  # how many ids stand before each shorter n-gram
                rows, counts = np.unique(rows & ((1 << self.bits * (length - 1)) - 1), return_counts=True)
        self.levels = levels[::-1]

    def probabilities(self, ids: Ids) -> np.ndarray:
        """The probability of each id of a stream, given those before it."""
        grams = self._grams(ids)
        chance = np.full(len(ids), 1 / self.num_keys)
        for length, level in enumerate(self.levels, start=1):
            own = grams & ((1 << self.bits * length) - 1)
            chance = level.probability(own, own >> self.bits, chance)
        return chance

    def perplexity(self, ids: Ids) -> float:
        """The number of equally likely ids that would be as hard to guess."""
        return float(np.exp(-np.log(self.probabilities(ids)).mean()))

    def _grams(self, ids: Ids) -> Ids:
        """The n-gram that ends at each position, its last id lowest; before the first stands 0 or `end`."""
        filler = 0 if self.end is None else self.end
        grams, masked = ids.astype(np.int64).copy(), np.zeros(len(ids), bool)
        for back in range(1, self.order):
            before = np.concatenate([np.full(back, filler), ids[:-back]])[: len(ids)].astype(np.int64)
            if self.end is not None:
                masked |= before == self.end
                before[masked] = self.end
            grams |= before << self.bits * back
        return grams

    def _level(self, grams: Ids, counts: np.ndarray) -> Level:
        """Discounts are those that Chen & Goodman estimate from how many n-grams come 1 to 4 times."""
        of_counts = [max(1, int((counts == number).sum())) for number in (1, 2, 3, 4)]
        share = of_counts[0] / (of_counts[0] + 2 * of_counts[1])
        discount = np.array(
            [0.0, *(n - (n + 1) * share * of_counts[n] / of_counts[n - 1] for n in (1, 2, 3))]
        ).clip(0, None)
        taken = discount[np.minimum(counts, 3)]
        contexts, places = np.unique(grams >> self.bits, return_inverse=True)
        totals = np.bincount(places, counts)
        left = np.bincount(places, taken) / totals
        return Level(grams, (counts - taken) / totals[places], contexts, left)


def found(keys: Ids, values: np.ndarray, wanted: Ids) -> tuple[np.ndarray, np.ndarray]:
    """The value of each wanted key, 0 where it is none of the sorted `keys`, and whether it is one."""
    places = np.searchsorted(keys, wanted).clip(0, len(keys) - 1)
    known = keys[places] == wanted
    return np.where(known, values[places], 0.0), known
