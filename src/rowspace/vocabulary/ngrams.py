"""Character n-grams in hashed buckets, as fastText has them (Bojanowski et al. 2017)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Int32

from rowspace import kernels
from rowspace.arrays import Bytes, Offsets, PackedKeys, Rows
from rowspace.errors import RecipeError, ShapeError

Kept = Int32[np.ndarray, "buckets"]

LONGEST_NGRAM = 64  # characters: a megabyte of a key then has 64 million n-grams at most
MOST_BUCKETS = 2**31 - 1
# Below as many bytes of keys a Python loop is done before Numba would even be imported.
KERNEL_FROM_BYTES = 1 << 14


@dataclass(frozen=True, eq=False)
class NGrams:
    """The n-grams of min_n to max_n characters of ``<key>``, hashed into buckets; max_n 0 means none.

    Without `kept` each bucket is a row. With it a bucket's row is kept[bucket], and n-grams of a bucket
    with -1 are left out. `shared_row`, if there is one, is the row of all buckets that no key used in
    training: it stays zero, so that the mean over a key's rows is the same as with a zero row for each.

    >>> ngrams = NGrams(3, 4, buckets=100)
    >>> ngrams.bags(PackedKeys.from_strings(["of"])).ids  # <of, <of> and of>
    array([ 2, 28, 30])
    """

    min_n: int = 3
    max_n: int = 6
    buckets: int = 2_000_000
    kept: Kept | None = None
    shared_row: int | None = None

    kind: ClassVar[str] = "ngrams"
    own_rows: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_ngram_bounds(self.min_n, self.max_n, self.buckets)
        if self.kept is None:
            if self.shared_row is not None:
                raise RecipeError("a shared row needs kept, which says whose row it is")
            return
        if self.kept.shape != (self.buckets,):
            raise ShapeError(f"kept must hold {self.buckets} buckets, but has shape {self.kept.shape}")
        if self.kept.min(initial=-1) < -1:
            raise RecipeError(f"kept must hold rows, or -1, but holds {self.kept.min()}")
        most = int(self.kept.max(initial=-1)) + 1  # where every bucket is used, none points to it
        if self.shared_row is not None and not 0 <= self.shared_row <= most:
            raise RecipeError(f"shared_row must lie in [0, {most}], but is {self.shared_row}")

    @cached_property
    def num_rows(self) -> int:
        """The number of rows: a row for each bucket, or those that `kept` names."""
        if self.kept is None:
            return self.buckets if self.max_n else 0
        shared = -1 if self.shared_row is None else self.shared_row
        return max(int(self.kept.max(initial=-1)), shared) + 1

    def bags(self, keys: PackedKeys) -> Rows:
        """The row of each n-gram, by its first character and then by length; ``</s>`` has none."""
        ids, offsets = self._buckets_of(keys)
        if self.kept is None:
            return Rows(ids, offsets)
        rows = self.kept[ids].astype(np.int64)
        stays = rows >= 0
        if stays.all():
            return Rows(rows, offsets)
        before = np.concatenate([[0], np.cumsum(stays)])
        return Rows(rows[stays], before[offsets])

    def compacted(self, keys: PackedKeys) -> NGrams:
        """Rows for the buckets of `keys` only, and one shared row of zeros behind them.

        Rows come in the order in which the keys first need them: so the n-grams of one key lie side by
        side, and those of frequent keys at the start, which makes training a tenth faster. A model
        that was pruned, so that it has rows for chosen buckets already, stays as it is.
        """
        if not self.max_n or (self.kept is not None and self.shared_row is None):
            return self
        buckets = self._buckets_of(keys)[0]
        first = np.full(self.buckets, len(buckets), np.int64)
        np.minimum.at(first, buckets, np.arange(len(buckets)))
        used = np.flatnonzero(first < len(buckets))
        kept = np.full(self.buckets, len(used), np.int32)
        kept[used[np.argsort(first[used])]] = np.arange(len(used), dtype=np.int32)
        shared = len(used)
        return NGrams(self.min_n, self.max_n, self.buckets, kept, shared)

    def to_json(self) -> dict[str, Any]:
        """The bounds, the number of buckets, and the shared row."""
        return {
            "min_n": self.min_n, "max_n": self.max_n, "buckets": self.buckets, "shared_row": self.shared_row
        }  # fmt: skip

    def arrays(self) -> dict[str, np.ndarray]:
        """`kept`, if there is one."""
        return {} if self.kept is None else {"kept": self.kept}

    @staticmethod
    def from_json(parameters: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> NGrams:
        """The splitter of these parameters; RecipeError or ShapeError where they are wrong."""
        return NGrams(
            whole(parameters, "min_n"), whole(parameters, "max_n"), whole(parameters, "buckets"),
            arrays.get("kept"),
            None if parameters.get("shared_row") is None else whole(parameters, "shared_row"),
        )  # fmt: skip

    def _buckets_of(self, keys: PackedKeys) -> tuple[np.ndarray, Offsets]:
        kernel = kernels.load("ngram_hashes", device_for(keys.data))
        ids, offsets = kernel.ngram_bags(keys.data, keys.offsets, self.min_n, self.max_n, self.buckets)
        return ids, offsets


def device_for(data: Bytes) -> kernels.Device:
    """Numba only where there is enough to hash."""
    return "cpu" if len(data) >= KERNEL_FROM_BYTES else "reference"


def check_ngram_bounds(min_n: int, max_n: int, buckets: int) -> None:
    """Raise RecipeError for bounds the wrong way round, or too few or too many buckets."""
    if min_n < 0 or not 0 <= max_n <= LONGEST_NGRAM:
        raise RecipeError(
            f"n-grams must have 0 to {LONGEST_NGRAM} characters, but min_n={min_n} and max_n={max_n}"
        )
    if max_n and min_n > max_n:
        raise RecipeError(
            f"min_n must not be above max_n, but {min_n} is above {max_n}; max_n=0 means no n-grams"
        )
    if not (1 if max_n else 0) <= buckets <= MOST_BUCKETS:
        raise RecipeError(f"n-grams need 1 to {MOST_BUCKETS:,} buckets, but buckets={buckets} is given")


def whole(parameters: Mapping[str, Any], name: str) -> int:
    """The whole number `name` of a file's parameters; RecipeError if it is none."""
    value = parameters.get(name)
    if type(value) is not int:
        raise RecipeError(f"{name} must be a whole number, but is {value!r}")
    return value
