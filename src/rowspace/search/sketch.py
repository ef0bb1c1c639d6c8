"""A quarter-size copy of the rows that tells which of them a query could be near."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rowspace import kernels
from rowspace.arrays import Vectors
from rowspace.kernels.reference.sketch import Codes
from rowspace.kernels.reference.top_k import RowScalars
from rowspace.search.bounds import Metric, sketch_bounds

NARROWEST = 16  # columns, so that a vector of the kernel fits into a row


class Sketch(NamedTuple):
    """The rows as signed bytes, and the bounds that hold for products with these."""

    codes: Codes
    scale: RowScalars
    shift: RowScalars

    @classmethod
    def blank(cls, num_rows: int, dim: int) -> Sketch:
        """Room for the sketch of so many rows, max(dim, 16) + 8 bytes for each."""
        codes = np.zeros((num_rows, max(dim, NARROWEST)), np.int8)
        return cls(codes, np.empty(num_rows, np.float32), np.empty(num_rows, np.float32))

    def part(self, start: int, stop: int) -> Sketch:
        """The rows [start, stop), a view."""
        return Sketch(self.codes[start:stop], self.scale[start:stop], self.shift[start:stop])

    def draw_(self, vectors: Vectors, bounds: tuple[RowScalars, RowScalars], metric: Metric) -> None:
        """Fill this sketch from its rows and their scale and shift."""
        steps, remainders = np.empty_like(self.scale), np.empty_like(self.scale)
        kernels.load("sketch").sketch_(vectors, self.codes, steps, remainders)
        self.scale[:], self.shift[:] = sketch_bounds(bounds, steps, remainders, metric, vectors.shape[1])
