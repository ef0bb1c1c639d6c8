"""A sparse matrix times a dense one, and its transpose times a dense one.

Row i of the sparse matrix holds values[j] in column columns[j], for j in offsets[i]:offsets[i + 1]
("compressed sparse rows"). Sums run in the order of j, so they depend on nothing but the matrix.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32, Int32

from rowspace.arrays import Offsets

Columns = Int32[np.ndarray, "cells"]  # in [0, columns of the sparse matrix)
CellValues = Float32[np.ndarray, "cells"]
OfRows = Float32[np.ndarray, "rows stride"]  # a dense row for each row of the sparse matrix
OfColumns = Float32[np.ndarray, "columns stride"]  # and one for each of its columns


def multiply_(
    offsets: Offsets, columns: Columns, values: CellValues, dense: OfColumns, product: OfRows
) -> None:
    """Write product = sparse x dense: float32 (sparse rows, stride) from (sparse columns, stride)."""
    for row in range(len(offsets) - 1):
        cells = slice(offsets[row], offsets[row + 1])
        product[row] = values[cells] @ dense[columns[cells]]


def add_transposed_(
    offsets: Offsets,
    columns: Columns,
    values: CellValues,
    dense: OfRows,
    product: OfColumns,
    first: int,
    last: int,
) -> None:
    """Add transposed sparse x dense, of which the columns first to last alone, to those of `product`.

    `dense` is (sparse rows, stride), `product` (sparse columns, stride). Whoever takes other columns
    touches other numbers, so threads share the work by columns without locks.
    """
    for row in range(len(offsets) - 1):
        cells = slice(offsets[row], offsets[row + 1])
        update = values[cells, None] * dense[row, first:last]
        np.add.at(product[:, first:last], columns[cells], update)
