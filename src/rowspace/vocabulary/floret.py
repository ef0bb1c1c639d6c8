"""floret's compact hashing: words and n-grams together in one small table (Boyd & Warmerdam 2022)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rowspace import kernels
from rowspace.arrays import PackedKeys, Rows
from rowspace.errors import RecipeError
from rowspace.kernels.reference.ngram_hashes import FNV_START, MOST_HASHES
from rowspace.vocabulary.ngrams import check_ngram_bounds, device_for, whole

SEED = FNV_START  # floret took fastText's constant for its seed


@dataclass(frozen=True, eq=False)
class Floret:
    """The whole ``<key>`` and its n-grams of min_n to max_n characters, each in 1 to 4 of the buckets.

    No key has a row of its own, so a table of any vocabulary has `buckets` rows; several hashes make it
    unlikely that two words share all of theirs. Every key is known, through the whole word at least.

    >>> floret = Floret(3, 3, buckets=50, hashes=2)
    >>> floret.bags(PackedKeys.from_strings(["of"])).ids  # <of>, <of and of>, two buckets each
    array([ 7, 46,  7,  5, 43, 44])
    """

    min_n: int = 4
    max_n: int = 5
    buckets: int = 50_000
    hashes: int = 2
    seed: int = SEED

    kind: ClassVar[str] = "floret"
    own_rows: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_ngram_bounds(self.min_n, self.max_n, self.buckets)
        if self.buckets < 1:
            raise RecipeError("floret needs a bucket at least for its words, but buckets=0 is given")
        if not 1 <= self.hashes <= MOST_HASHES:
            raise RecipeError(f"hashes must be 1 to {MOST_HASHES}, but is {self.hashes}")
        if not 0 <= self.seed < 2**32:
            raise RecipeError(f"seed must lie in [0, 2**32), but is {self.seed}")

    @property
    def num_rows(self) -> int:
        """The number of rows: a row for each bucket."""
        return self.buckets

    def bags(self, keys: PackedKeys) -> Rows:
        """The rows of each whole key, then of its n-grams; ``</s>`` has no n-grams."""
        kernel = kernels.load("ngram_hashes", device_for(keys.data))
        ids, offsets = kernel.floret_bags(
            keys.data, keys.offsets, self.min_n, self.max_n, self.buckets, self.hashes, self.seed
        )
        return Rows(ids, offsets)

    def compacted(self, keys: PackedKeys) -> Floret:
        """Itself: it is compact, and its rows are shared by all keys."""
        del keys
        return self

    def to_json(self) -> dict[str, Any]:
        """The bounds, the number of buckets and of hashes, and the seed."""
        return {
            "min_n": self.min_n, "max_n": self.max_n, "buckets": self.buckets, "hashes": self.hashes,
            "seed": self.seed,
        }  # fmt: skip

    def arrays(self) -> dict[str, np.ndarray]:
        """None."""
        return {}

    @staticmethod
    def from_json(parameters: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Floret:
        """The splitter of these parameters; RecipeError where they are wrong."""
        del arrays
        return Floret(*(whole(parameters, name) for name in ("min_n", "max_n", "buckets", "hashes", "seed")))
