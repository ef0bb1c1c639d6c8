"""The two matrices that a trainer moves: center rows and context rows, padded for the kernels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float32

from rowspace.arrays import Values, Vectors, aligned_zeros

LANES = 16  # float32 in a cache line: rows are padded to whole ones


def padded(rows: int, dim: int) -> Vectors:
    """A zero matrix (rows, stride): stride is dim rounded up to 16, and each row starts a cache line."""
    return aligned_zeros(rows, -(-dim // LANES) * LANES)


@dataclass(frozen=True, eq=False)
class Matrices:
    """Center and context rows; the columns from `dim` on stay zero.

    Center rows are the input: one a word, or with subwords more. Context rows are the output: one a
    word, or the inner nodes of a tree.

    >>> matrices = Matrices.zeros(rows=3, dim=20)
    >>> matrices.center.shape, matrices.dim, matrices.are_finite()
    ((3, 32), 20, True)
    """

    center: Float32[np.ndarray, "inputs stride"]
    context: Float32[np.ndarray, "outputs stride"]
    dim: int
    state: Mapping[str, Values] = field(default_factory=dict)  # whatever else the method moves, in place

    @classmethod
    def zeros(cls, rows: int, dim: int, *, outputs: int | None = None) -> Matrices:
        """Matrices of zeros for `rows` input rows of `dim` values, and as many output rows or `outputs`."""
        return cls(padded(rows, dim), padded(rows if outputs is None else outputs, dim), dim)

    def center_rows(self) -> Vectors:
        """The center rows without padding: a view (rows, dim)."""
        return self.center[:, : self.dim]

    def context_rows(self) -> Vectors:
        """The context rows without padding: a view (output rows, dim)."""
        return self.context[:, : self.dim]

    def are_finite(self) -> bool:
        """Whether no value is NaN or infinite. Costs one read of the rows and no memory.

        A sum carries every NaN and infinity to its end. One that overflows without any (values of
        1e30 and more) is called not finite too: such rows are lost as well.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            return all(bool(np.isfinite(values.sum())) for values in self._moved())

    def _moved(self) -> Iterator[Values]:
        yield self.center
        yield self.context
        yield from self.state.values()
