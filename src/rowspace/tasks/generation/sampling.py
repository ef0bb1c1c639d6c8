"""How a word is drawn from the chances of all: temperature, top-k, top-p, and a price for repetition."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from rowspace.training.ranges import check_integer, check_real

Chances = Float64[np.ndarray, "keys"]


@dataclass(frozen=True)
class Sampling:
    """What changes chances before a word is drawn; RecipeError for a value out of range.

    >>> chances = Sampling(temperature=0.5, top_k=2).chances(np.log([0.5, 0.25, 0.125, 0.125]))
    >>> chances.tolist()
    [0.8, 0.2, 0.0, 0.0]
    """

    temperature: float = 1.0  # chances go as their power 1 / temperature; 0: always the likeliest word
    top_k: int = 0  # only so many of the likeliest words; 0: all
    top_p: float = 1.0  # the likeliest words that together have this chance (Holtzman et al. 2020)
    repetition: float = 1.0  # chances of words already in the text go as this power; above 1 is against them

    def __post_init__(self) -> None:
        check_real("temperature", self.temperature, 0, 100)
        check_integer("top_k", self.top_k, 0)
        check_real("top_p", self.top_p, 0, 1, above_low=True)
        check_real("repetition", self.repetition, 0, 100, above_low=True)

    def chances(
        self,
        log_chances: Float64[np.ndarray, "keys"],
        *,
        never: Collection[int] = (),
        present: Collection[int] = (),
    ) -> Chances:
        """The chance of each key to be drawn; those of `never` have none.

        Keys of `present` have their log-chance times `repetition` (Keskar et al. 2019, on log-chances, so
        that it is always against them). Of equal chances the lower ids count as likelier.
        """
        values = log_chances.astype(np.float64)
        values[list(present)] *= self.repetition
        values[list(never)] = -np.inf
        kept = self._kept(values)
        chances: Chances = np.zeros(len(values))
        if self.temperature == 0:
            chances[kept[0]] = 1
            return chances
        chances[kept] = np.exp((values[kept] - values[kept[0]]) / self.temperature)
        chances /= chances.sum()
        return chances

    def draw(
        self, log_chances: Float64[np.ndarray, "keys"], rng: np.random.Generator, **which: Sequence[int]
    ) -> int:
        """One key; `which` are the keywords of `chances`."""
        sums = np.cumsum(self.chances(log_chances, **which))
        return int(np.searchsorted(sums, rng.random() * sums[-1], side="right"))

    def _kept(self, values: Float64[np.ndarray, "keys"]) -> np.ndarray:
        """The keys that may be drawn, the likeliest first."""
        order = np.argsort(-values, kind="stable")
        order = order[: min(self.top_k or len(values), int(np.isfinite(values).sum()))]
        if self.top_p < 1:
            chances = np.exp(values[order] - values[order[0]])
            before = np.cumsum(chances) - chances
            order = order[before < self.top_p * chances.sum()]
        return order
