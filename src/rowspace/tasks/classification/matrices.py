"""What the training of a linear classifier moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from rowspace.arrays import Vectors, aligned_zeros

LANES = 16  # floats; the kernels read whole vectors


@dataclass(frozen=True, eq=False)
class Matrices:
    """Rows padded with zeros to whole vectors of sixteen floats, see `padded_zeros`."""

    vectors: Vectors
    output: Float32[np.ndarray, "outputs dim"]

    def copy(self) -> Matrices:
        """The same numbers in memory of their own."""
        copy = Matrices(aligned_zeros(*self.vectors.shape), aligned_zeros(*self.output.shape))
        copy.take_(self)
        return copy

    def take_(self, other: Matrices) -> None:
        """Overwrite these numbers."""
        self.vectors[:] = other.vectors
        self.output[:] = other.output


def padded_zeros(rows: int, dim: int) -> Vectors:
    """Rows of zeros of `dim` values and as many more as make whole vectors of sixteen.

    >>> padded_zeros(3, 20).shape
    (3, 32)
    """
    return aligned_zeros(rows, -(-dim // LANES) * LANES)


def padded(rows: Vectors) -> Float32[np.ndarray, "rows stride"]:
    """A copy of the rows with zeros up to whole vectors of sixteen floats."""
    copy = padded_zeros(*rows.shape)
    copy[:, : rows.shape[1]] = rows
    return copy
