"""Table = vocabulary x store x metadata: keys in, vectors out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from rowspace.arrays import Counts, PackedKeys, Values, Vector, Vectors
from rowspace.errors import ShapeError
from rowspace.stores import DenseStore, Store, all_rows
from rowspace.vocabulary import Missing, Vocabulary, Words


@dataclass(frozen=True, eq=False)
class Table:
    """An embedding table. It looks vectors up; everything else is a function that takes one.

    >>> import numpy as np
    >>> table = Table.from_arrays(["king", "queen"], np.eye(2, dtype=np.float32))
    >>> table["queen"]
    array([0., 1.], dtype=float32)
    >>> table.lookup(["king", "zzz"], missing="zero")
    array([[1., 0.],
           [0., 0.]], dtype=float32)
    """

    vocabulary: Vocabulary
    store: Store
    metadata: Mapping[str, Any] = field(default_factory=dict)  # JSON values: recipe, corpus, loss
    context: Store | None = None  # the output rows of a trainer: words, or the inner nodes of a tree
    state: Mapping[str, Values] = field(default_factory=dict)  # what else its trainer goes on from

    def __post_init__(self) -> None:
        if self.vocabulary.num_rows != self.store.shape[0]:
            raise ShapeError(
                f"a vocabulary of {self.vocabulary.num_rows} rows needs a store of as many, "
                f"but the store has {self.store.shape[0]}"
            )
        if self.context is not None and self.context.shape[1] != self.store.shape[1]:
            raise ShapeError(
                f"context rows must have the store's dim {self.store.shape[1]}, but have "
                f"{self.context.shape[1]}"
            )

    @classmethod
    def from_arrays(
        cls, keys: PackedKeys | Iterable[str], vectors: Vectors, *, counts: Counts | None = None
    ) -> Table:
        """A table in memory from distinct keys and float32 vectors (keys, dim), kept without a copy."""
        return cls(Words.from_keys(keys, counts=counts), DenseStore(vectors))

    @property
    def dim(self) -> int:
        """The number of values in a vector."""
        return self.store.shape[1]

    @property
    def shape(self) -> tuple[int, int]:
        """(num_rows, dim) of the store: with subwords more rows than keys."""
        return self.store.shape

    @property
    def keys(self) -> PackedKeys:
        """The keys in row order: a sequence of str."""
        return self.vocabulary.keys

    @property
    def counts(self) -> Counts | None:
        """How often each key occurred in the corpus, int64 (keys,), or None where nobody counted."""
        return self.vocabulary.counts

    @cached_property
    def vectors(self) -> Vectors:
        """The vector of every key, float32 (keys, dim), in the order of `keys`.

        For plain words in a dense store the store's own matrix; else computed on first use and kept.
        """
        if not isinstance(self.vocabulary, Words):
            return self.store.pool(self.vocabulary.bags())
        return all_rows(self.store)

    def __len__(self) -> int:
        return len(self.keys)

    def __contains__(self, key: object) -> bool:
        return key in self.vocabulary

    def __getitem__(self, key: str) -> Vector:
        """The vector of one key, float32 (dim,), by the vocabulary's policy for unknown keys."""
        missing: Missing | None = "zero" if self.vocabulary.missing == "skip" else None
        vector: Vector = self.lookup([key], missing)[0]
        return vector

    def lookup(self, keys: Sequence[str], missing: Missing | None = None) -> Vectors:
        """The vectors of `keys`, float32 (keys, dim).

        `missing` decides for unknown keys: "raise" (UnknownKeyError), "unknown" (the trained unknown
        row), "zero", or "skip" (fewer rows come back). Default: the policy of the vocabulary.
        """
        vectors: Vectors = self.store.pool(self.vocabulary.rows_of(keys, missing))
        return vectors
