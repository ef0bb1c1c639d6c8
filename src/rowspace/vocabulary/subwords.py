"""Subwords: a key is the rows of its parts, so that words never seen have vectors too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool

from rowspace.arrays import Counts, PackedKeys, RowIds, Rows
from rowspace.errors import ShapeError
from rowspace.vocabulary.splitters import Splitter
from rowspace.vocabulary.unknown import Missing, check_policy, describe_unknown
from rowspace.vocabulary.words import Words


class Subwords:
    """Plain keys and a splitter. Own rows come first (row i for key i, if any), then the splitter's.

    A key that the words do not hold is known through the rows of its parts; only one without any is
    unknown, and `missing` decides for it. So `in` asks whether a key has any rows at all, and
    ``words.find`` whether it is one of the keys.

    >>> from rowspace.vocabulary.ngrams import NGrams
    >>> vocabulary = Subwords(Words.from_keys(["of", "to"]), NGrams(3, 4, buckets=100))
    >>> vocabulary.rows_of(["of", "off"]).ids.tolist()  # its own row and three n-grams; five n-grams
    [0, 4, 30, 32, 4, 62, 64, 22, 87]
    """

    def __init__(self, words: Words, splitter: Splitter) -> None:
        """Join keys with what breaks keys into parts."""
        self.words = words
        self.splitter = splitter

    @property
    def num_own_rows(self) -> int:
        """How many rows belong to one key alone: as many as keys, or none."""
        return len(self.words) if self.splitter.own_rows else 0

    @property
    def num_rows(self) -> int:
        """The number of rows that a store needs for this vocabulary."""
        return self.num_own_rows + self.splitter.num_rows

    @property
    def keys(self) -> PackedKeys:
        """The keys, in row order."""
        return self.words.keys

    @property
    def counts(self) -> Counts | None:
        """How often each key occurred, int64 (keys,), or None where nobody counted."""
        return self.words.counts

    @property
    def missing(self) -> Missing:
        """The policy for keys without any rows where a caller gives none."""
        return self.words.missing

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, str):
            return False
        if self.splitter.own_rows and self.words.find(key) >= 0:
            return True
        return len(self.splitter.bags(PackedKeys.from_strings([key])).ids) > 0

    def bags(self) -> Rows:
        """The bag of each of its keys: its own row, if it has one, then its parts in their order."""
        own = np.arange(len(self.words)) if self.splitter.own_rows else np.full(len(self.words), -1)
        return self._with_own(own, self.splitter.bags(self.words.keys))

    def rows_of(self, keys: Sequence[str], missing: Missing | None = None) -> Rows:
        """One bag a key; `missing` (default: the vocabulary's own policy) decides for keys without rows.

        Raises UnknownKeyError under "raise", naming the first such key and how many there are.
        """
        if isinstance(keys, str):
            raise ShapeError(
                f"keys must be a list of keys, but is the single string {keys!r}; write [{keys!r}]"
            )
        policy = check_policy(missing or self.missing, has_unknown_row=self.words.unknown_row >= 0)
        packed = keys if isinstance(keys, PackedKeys) else PackedKeys.from_strings(keys)
        bags = self._bags_of(packed)
        unknown = np.diff(bags.offsets) == 0
        if not unknown.any() or policy == "zero":
            return bags
        if policy == "raise":
            raise describe_unknown(keys, unknown)
        if policy == "skip":
            return Rows(bags.ids, bags.offsets[np.concatenate([[True], ~unknown])])
        return self._bags_of(self._with_unknown_key(packed, unknown))

    def compacted(self) -> Subwords:
        """The same keys, with rows only for the parts that they use (see the splitter's `compacted`)."""
        return Subwords(self.words, self.splitter.compacted(self.words.keys))

    def _bags_of(self, keys: PackedKeys) -> Rows:
        parts = self.splitter.bags(keys)
        return self._with_own(self.words.find_all(keys), parts) if self.splitter.own_rows else parts

    def _with_own(self, own: RowIds, parts: Rows) -> Rows:
        """Put each row of `own` that is not -1 before the parts, which move behind all own rows."""
        if not self.splitter.own_rows:
            return parts
        known = own >= 0
        before = np.concatenate([[0], np.cumsum(known)])
        offsets = parts.offsets + before
        ids = np.empty(offsets[-1], np.int64)
        is_own: Bool[np.ndarray, "rows"] = np.zeros(len(ids), np.bool_)
        is_own[offsets[:-1][known]] = True
        ids[is_own], ids[~is_own] = own[known], parts.ids + len(self.words)
        return Rows(ids, offsets)

    def _with_unknown_key(self, keys: PackedKeys, unknown: Bool[np.ndarray, "keys"]) -> PackedKeys:
        key = self.words.keys.bytes_at(self.words.unknown_row)
        return PackedKeys.from_bytes(
            [key if unknown[place] else keys.bytes_at(place) for place in range(len(keys))]
        )
