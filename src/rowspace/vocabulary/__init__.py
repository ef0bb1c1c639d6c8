"""Vocabularies: keys in, bags of row ids out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from rowspace.arrays import Counts, PackedKeys, Rows
from rowspace.vocabulary.building import build_words, rows_of_scan
from rowspace.vocabulary.floret import Floret
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.pieces import Pieces, learn_pieces
from rowspace.vocabulary.preflight import Report, preflight
from rowspace.vocabulary.subwords import Subwords
from rowspace.vocabulary.unknown import Missing
from rowspace.vocabulary.words import Words

__all__ = [
    "Floret",
    "Missing",
    "NGrams",
    "Pieces",
    "Report",
    "Subwords",
    "Vocabulary",
    "Words",
    "build_words",
    "learn_pieces",
    "preflight",
    "rows_of_scan",
]


@runtime_checkable
class Vocabulary(Protocol):
    """What a table needs from whatever turns keys into rows."""

    @property
    def num_rows(self) -> int:
        """The number of rows that a store needs for this vocabulary."""
        ...

    @property
    def keys(self) -> PackedKeys:
        """The keys, in row order."""
        ...

    @property
    def counts(self) -> Counts | None:
        """How often each key occurred, int64 (keys,), or None where nobody counted."""
        ...

    @property
    def missing(self) -> Missing:
        """The policy for unknown keys where a caller gives none."""
        ...

    def __contains__(self, key: object) -> bool: ...

    def bags(self) -> Rows:
        """The bag of each of its keys, in their order."""
        ...

    def rows_of(self, keys: Sequence[str], missing: Missing | None = None) -> Rows:
        """One bag of row ids a key."""
        ...
