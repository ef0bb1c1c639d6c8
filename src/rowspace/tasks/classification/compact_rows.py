"""Rows in a byte a value: what a compressed model keeps.

A value v of a column whose largest is m is kept as the whole number c nearest to 127 sqrt(|v| / m), with
the sign of v, and read as m (c / 127)**2: values near zero, which most are, are kept more finely than large
ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int8

from rowspace.arrays import Vectors

LARGEST = 127


@dataclass(frozen=True, eq=False)
class CompactRows:
    """Rows as codes of a byte, and the largest value of each column.

    >>> rows = CompactRows.from_vectors(np.array([[0.5], [-0.01], [0.0]], np.float32))
    >>> rows.codes.ravel().tolist(), rows.vectors().ravel().round(2).astype(float).round(2).tolist()
    ([127, -18, 0], [0.5, -0.01, 0.0])
    """

    codes: Int8[np.ndarray, "rows dim"]
    largest: Float32[np.ndarray, "dim"]

    @classmethod
    def from_vectors(cls, vectors: Vectors) -> CompactRows:
        """The nearest codes."""
        largest = np.abs(vectors).max(axis=0, initial=0).astype(np.float32)
        shares = np.sqrt(np.abs(vectors) / np.where(largest > 0, largest, 1))
        return cls(np.rint(np.sign(vectors) * shares * LARGEST).astype(np.int8), largest)

    def vectors(self) -> Vectors:
        """The rows that the codes stand for, float32 (rows, dim)."""
        shares = self.codes.astype(np.float32) / np.float32(LARGEST)
        rows: Vectors = np.sign(shares) * np.square(shares) * self.largest
        return rows
