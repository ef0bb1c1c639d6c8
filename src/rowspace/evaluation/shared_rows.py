"""The keys that two tables share, as two stores whose rows answer each other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool

from rowspace.arrays import RowIds, Rows, Vectors
from rowspace.search.exact import FLOATS_IN_BLOCK, at_least_one
from rowspace.search.neighbors import key_store
from rowspace.stores import Store
from rowspace.table import Table
from rowspace.vocabulary import Words


class ChosenRows(NamedTuple):
    """A store that shows some rows of another under new ids, without a copy.

    >>> from rowspace.stores import DenseStore
    >>> ChosenRows(DenseStore(np.eye(3, dtype=np.float32)), np.array([2, 0])).gather(np.array([0]))
    array([[0., 0., 1.]], dtype=float32)
    """

    store: Store
    rows: RowIds

    @property
    def shape(self) -> tuple[int, int]:
        """(number of chosen rows, dim)."""
        return len(self.rows), self.store.shape[1]

    def gather(self, ids: RowIds) -> Vectors:
        """The chosen rows `ids`, float32 (len(ids), dim)."""
        return self.store.gather(self.rows[ids])

    def pool(self, rows: Rows) -> Vectors:
        """The mean of each bag of chosen rows."""
        return self.store.pool(Rows(self.rows[rows.ids], rows.offsets))


class SharedRows(NamedTuple):
    """Row i of both stores belongs to the same key, that of row `first.rows[i]` of the first table."""

    first: ChosenRows
    second: ChosenRows
    left_out: int  # shared keys of which a row is zero or not finite

    def __len__(self) -> int:
        return len(self.first.rows)


def shared_rows(first: Table, second: Table, limit: int | None) -> SharedRows:
    """The keys among the first `limit` of both tables (None: all) whose rows point somewhere in both.

    >>> one = Table.from_arrays(["a", "b", "c"], np.array([[1, 0], [0, 1], [0, 0]], np.float32))
    >>> two = Table.from_arrays(["c", "b", "x"], np.array([[1], [1], [1]], np.float32))
    >>> shared = shared_rows(one, two, limit=None)
    >>> shared.first.rows, shared.second.rows, shared.left_out
    (array([1]), array([1]), 1)
    """
    most = max(len(first), len(second)) if limit is None else at_least_one(limit, "limit")
    here: RowIds = np.arange(min(most, len(first)))
    there = _words_of(second).find_all(first.keys.take(here))
    known = (there >= 0) & (there < most)
    here, there = here[known], there[known]
    stores = key_store(first), key_store(second)
    directed = _directed(stores[0], here) & _directed(stores[1], there)
    return SharedRows(
        ChosenRows(stores[0], here[directed]),
        ChosenRows(stores[1], there[directed]),
        left_out=int((~directed).sum()),
    )


def _words_of(table: Table) -> Words:
    """The index of the keys; a table of subwords has one that answers for other words too."""
    return table.vocabulary if isinstance(table.vocabulary, Words) else Words.from_keys(table.keys)


def _directed(store: Store, rows: RowIds) -> Bool[np.ndarray, "keys"]:
    """Which of `rows` are finite and not zero, read some megabytes at a time."""
    directed = np.zeros(len(rows), np.bool_)
    step = max(1, FLOATS_IN_BLOCK // max(1, store.shape[1]))
    for start in range(0, len(rows), step):
        vectors = store.gather(rows[start : start + step])
        directed[start : start + step] = np.isfinite(vectors).all(axis=1) & vectors.any(axis=1)
    return directed
