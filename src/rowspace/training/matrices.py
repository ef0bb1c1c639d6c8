"""The two matrices that a trainer moves: center rows and context rows, padded for the kernels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rowspace.arrays import Vectors, aligned_zeros

LANES = 16  # float32 in a cache line: rows are padded to whole ones


def padded(rows: int, dim: int) -> Vectors:
    """A zero matrix (rows, stride): stride is dim rounded up to 16, and each row starts a cache line."""
    return aligned_zeros(rows, -(-dim // LANES) * LANES)


@dataclass(frozen=True, eq=False)
class Matrices:
    """Center and context rows of equal shape; the columns from `dim` on stay zero.

    >>> matrices = Matrices.zeros(rows=3, dim=20)
    >>> matrices.center.shape, matrices.dim, matrices.are_finite()
    ((3, 32), 20, True)
    """

    center: Vectors  # float32 (rows, stride)
    context: Vectors  # float32 (rows, stride)
    dim: int

    @classmethod
    def zeros(cls, rows: int, dim: int) -> Matrices:
        """Matrices of zeros for `rows` rows of `dim` values."""
        return cls(padded(rows, dim), padded(rows, dim), dim)

    def are_finite(self) -> bool:
        """Whether no value is NaN or infinite. Costs one read of the rows and no memory.

        A sum carries every NaN and infinity to its end. One that overflows without any (values of
        1e30 and more) is called not finite too: such rows are lost as well.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            return bool(np.isfinite(self.center.sum()) and np.isfinite(self.context.sum()))
