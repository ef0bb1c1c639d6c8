"""A matrix that rows are appended to while its final length is unknown, without ever doubling."""

from __future__ import annotations

import numpy as np

from rowspace.arrays import Vectors

GROWTH = 16  # grow by a sixteenth: the system remaps the pages, and NumPy clears only what is new
CHUNK_ROWS = 4096


class GrowingRows:
    """Float32 rows appended in blocks; memory beyond the rows themselves stays below a sixteenth.

    >>> rows = GrowingRows(2, expected_rows=1)
    >>> rows.append(np.ones((3, 2), np.float32))
    >>> rows.finish().shape
    (3, 2)
    """

    def __init__(self, dim: int, *, expected_rows: int) -> None:
        """Reserve `expected_rows`; what is reserved but never filled costs no memory."""
        self._vectors: Vectors = np.empty((max(expected_rows, 1), dim), np.float32)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, block: Vectors) -> None:
        """Copy the rows of `block` behind those there."""
        needed = self._count + len(block)
        if needed > len(self._vectors):
            self._resize(max(needed, len(self._vectors) + len(self._vectors) // GROWTH))
        self._vectors[self._count : needed] = block
        self._count = needed

    def keep(self, places: np.ndarray) -> None:
        """Keep the rows at rising `places` alone, in place and in small steps."""
        for start in range(0, len(places), CHUNK_ROWS):
            chosen = places[start : start + CHUNK_ROWS]
            self._vectors[start : start + len(chosen)] = self._vectors[chosen]
        self._count = len(places)

    def finish(self) -> Vectors:
        """The matrix, cut to the rows that it holds; nothing can be appended after."""
        self._resize(self._count)
        return self._vectors

    def _resize(self, num_rows: int) -> None:
        # No view of the matrix lives outside this class, so no reference can be left dangling.
        self._vectors.resize((num_rows, self._vectors.shape[1]), refcheck=False)
