"""Words: each key is one row, found through a hash index that can live in a mapped file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from rowspace import kernels
from rowspace.arrays import Counts, PackedKeys, RowIds, Rows, Slots
from rowspace.errors import RecipeError, ShapeError
from rowspace.kernels.reference import hash_index
from rowspace.vocabulary.unknown import Missing, check_policy, describe_unknown

# Below this many keys a Python loop is done before Numba would even be imported.
KERNEL_FROM_KEYS = 2_000


class Words:
    """A vocabulary of plain keys: key i is row i.

    >>> words = Words.from_keys(["the", "king"], counts=np.array([9, 2]))
    >>> words.rows_of(["king", "zzz"], missing="zero").offsets
    array([0, 1, 1])
    """

    def __init__(
        self,
        keys: PackedKeys,
        slots: Slots,
        *,
        counts: Counts | None = None,
        unknown_key: str | None = None,
        missing: Missing = "raise",
    ) -> None:
        """Join keys with their index; `from_keys` builds the index. All arrays may be mapped.

        `unknown_key` names the row that stands for unknown keys; `missing` is the policy where a
        caller gives none.
        """
        if counts is not None and counts.shape != (len(keys),):
            raise ShapeError(f"{len(keys)} keys need as many counts, but got shape {counts.shape}")
        self.keys = keys
        self.slots = slots
        self.counts = counts
        self.unknown_key = unknown_key
        self.unknown_row = -1 if unknown_key is None else self.find(unknown_key)
        if unknown_key is not None and self.unknown_row < 0:
            raise RecipeError(f"the unknown key {unknown_key!r} must be one of the keys, but is not")
        self.missing = check_policy(missing, has_unknown_row=self.unknown_row >= 0)

    @classmethod
    def from_keys(
        cls,
        keys: PackedKeys | Iterable[str],
        *,
        counts: Counts | None = None,
        unknown_key: str | None = None,
        missing: Missing = "raise",
    ) -> Words:
        """Index `keys` in their order; ShapeError names the first key that occurs twice."""
        packed = keys if isinstance(keys, PackedKeys) else PackedKeys.from_strings(keys)
        module = kernels.load("hash_index", "cpu" if len(packed) >= KERNEL_FROM_KEYS else "reference")
        slots, first_repeat = module.build_index(packed.data, packed.offsets)
        if first_repeat >= 0:
            raise ShapeError(
                f"keys must be distinct, but {packed[first_repeat]!r} comes again at row {first_repeat}"
            )
        return cls(packed, slots, counts=counts, unknown_key=unknown_key, missing=missing)

    @property
    def num_rows(self) -> int:
        """The number of rows that a store needs for this vocabulary."""
        return len(self.keys)

    def __len__(self) -> int:
        return len(self.keys)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.find(key) >= 0

    def find(self, key: str) -> int:
        """The row of `key`, or -1; a few microseconds, and only the pages it touches are read."""
        encoded = key.encode("utf-8", "surrogateescape")
        return hash_index.find_key(self.slots, self.keys.data, self.keys.offsets, encoded)

    def find_all(self, keys: PackedKeys | Sequence[str]) -> RowIds:
        """The row of each key, -1 where it is unknown: int64 (keys,)."""
        packed = keys if isinstance(keys, PackedKeys) else PackedKeys.from_strings(keys)
        module = kernels.load("hash_index", "cpu" if len(packed) >= KERNEL_FROM_KEYS else "reference")
        found: RowIds = module.find_keys(
            self.slots, self.keys.data, self.keys.offsets, packed.data, packed.offsets
        )
        return found

    def bags(self) -> Rows:
        """The bag of each of its keys: its own row."""
        return Rows(np.arange(len(self.keys)), np.arange(len(self.keys) + 1))

    def rows_of(self, keys: Sequence[str], missing: Missing | None = None) -> Rows:
        """One bag a key; `missing` (default: the vocabulary's own policy) decides for unknown keys.

        Raises UnknownKeyError under "raise", naming the first unknown key and how many there are.
        """
        if isinstance(keys, str):
            raise ShapeError(
                f"keys must be a list of keys, but is the single string {keys!r}; write [{keys!r}]"
            )
        policy = check_policy(missing or self.missing, has_unknown_row=self.unknown_row >= 0)
        found = self.find_all(keys)
        unknown = found < 0
        if policy == "raise" and unknown.any():
            raise describe_unknown(keys, unknown)
        if policy == "unknown":
            found = np.where(unknown, self.unknown_row, found)
            unknown = found < 0
        if policy == "skip":
            found, unknown = found[~unknown], np.zeros(int((~unknown).sum()), np.bool_)
        offsets = np.zeros(len(found) + 1, np.int64)
        np.cumsum(~unknown, out=offsets[1:])
        return Rows(found[~unknown], offsets)
