"""Stores: row ids in, float32 vectors out. One kind so far: dense float32, in memory or mapped."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np

from rowspace import kernels
from rowspace.arrays import RowIds, Rows, Vectors
from rowspace.errors import RowIdError, ShapeError

# Below this many rows NumPy has added them before Numba would even be imported.
KERNEL_FROM_ROWS = 20_000


@runtime_checkable
class Store(Protocol):
    """What a table needs from whatever holds its rows."""

    @property
    def shape(self) -> tuple[int, int]:
        """(num_rows, dim)."""
        ...

    def gather(self, ids: RowIds) -> Vectors:
        """The rows `ids` as float32 (len(ids), dim)."""
        ...

    def pool(self, rows: Rows) -> Vectors:
        """The mean of each bag as float32 (len(rows), dim); an empty bag gives a zero vector."""
        ...


class DenseStore:
    """Rows as one float32 matrix, possibly mapped from a file.

    >>> store = DenseStore(np.eye(3, dtype=np.float32))
    >>> store.pool(Rows(np.array([0, 1]), np.array([0, 2, 2])))
    array([[0.5, 0.5, 0. ],
           [0. , 0. , 0. ]], dtype=float32)
    """

    def __init__(self, vectors: Vectors) -> None:
        """Wrap `vectors`, float32 (num_rows, dim), without copying; raise ShapeError for anything else."""
        if vectors.ndim != 2 or vectors.dtype != np.float32:
            raise ShapeError(
                f"a dense store needs a 2-d float32 matrix, but got {vectors.ndim}-d {vectors.dtype}; "
                "convert with np.asarray(vectors, np.float32)"
            )
        self.vectors = vectors

    @property
    def shape(self) -> tuple[int, int]:
        """(num_rows, dim)."""
        return self.vectors.shape[0], self.vectors.shape[1]

    def gather(self, ids: RowIds) -> Vectors:
        """The rows `ids` as float32 (len(ids), dim); RowIdError for an id outside [0, num_rows)."""
        self._check(ids)
        gathered: Vectors = self.vectors[ids]
        return gathered

    def pool(self, rows: Rows) -> Vectors:
        """The mean of each bag as float32 (len(rows), dim); an empty bag gives a zero vector."""
        self._check(rows.ids)
        sizes = np.diff(rows.offsets)
        if np.all(sizes == 1):
            return self.gather(rows.ids)
        means: Vectors = np.empty((len(rows), self.shape[1]), np.float32)
        device: kernels.Device = "cpu" if len(rows.ids) >= KERNEL_FROM_ROWS else "reference"
        kernels.load("pooling", device).pool_(self.vectors, rows.ids, rows.offsets, means)
        return means

    def _check(self, ids: RowIds) -> None:
        """A negative id would wrap to the last rows in NumPy: refuse it like one past the end."""
        wrong = (ids < 0) | (ids >= self.shape[0])
        if wrong.any():
            place = int(np.argmax(wrong))
            raise RowIdError(
                f"row ids must lie in [0, {self.shape[0]}), but position {place} holds {ids[place]}"
            )


def all_rows(store: Store) -> Vectors:
    """Every row of a store, float32 (num_rows, dim): the matrix itself if it is dense, else a copy."""
    if isinstance(store, DenseStore):
        return store.vectors
    rows: Vectors = store.gather(np.arange(store.shape[0]))
    return rows
