"""Rows in one signed byte a number, and the scan that reads them in place of the rows.

A search for one query waits for memory. A quarter of the bytes tells which rows could be among the k
best; only those are read in full. A row is its step times its codes, but for a remainder:

    row[d] = step * codes[d] + remainder[d],   |remainder[d]| <= step / 2

By Cauchy and Schwarz the remainder moves a product with a query by no more than both lengths multiplied.
The caller adds that to the shift, so that the bounds of ``reference.top_k`` hold for codes as they do
for rows, and the answer is the same.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Int8

from rowspace.arrays import Vectors
from rowspace.kernels.reference.top_k import (
    BestIds,
    BestValues,
    Queries,
    QueryScalars,
    RowScalars,
    exact_values,
    merge_,
    reaching,
)

MOST = 127  # so that negative and positive codes reach equally far
SMALLEST = 1e-30  # rows without a greater number, or with one that is not finite, have codes of zero

Codes = Int8[np.ndarray, "rows width"]


def sketch_(vectors: Vectors, codes: Codes, steps: RowScalars, remainders: RowScalars) -> None:
    """Write each row's codes, step, and the length of its remainder.

    Columns of `codes` from dim on stay as they are.
    """
    with np.errstate(invalid="ignore"):
        largest = np.abs(vectors).max(axis=1, initial=0)
        coded = (largest >= SMALLEST) & (largest < np.inf)
    steps[:] = np.where(coded, largest / np.float32(MOST), 0)
    rows = np.where(coded[:, None], vectors, 0).astype(np.float64)
    wide = np.where(coded, steps, 1).astype(np.float64)[:, None]
    nearest = np.clip(np.rint(rows / wide), -MOST, MOST)
    codes[:, : vectors.shape[1]] = nearest
    remainders[:] = np.linalg.norm(rows - nearest * wide, axis=1)


def scan_(
    codes: Codes,
    scale: RowScalars,
    shift: RowScalars,
    vectors: Vectors,
    queries: Queries,
    gain: QueryScalars,
    offset: QueryScalars,
    metric: int,
    first_row: int,
    values: BestValues,
    ids: BestIds,
) -> None:
    """Do what `top_k.scan_` does, where dot(codes, query) * scale + shift is what reaches the floor."""
    with np.errstate(all="ignore"):
        bounds = queries @ codes[:, : queries.shape[1]].astype(np.float32).T * scale + shift
        for query in range(len(queries)):
            kept = reaching(bounds[query], values[query], gain[query], offset[query])
            found = exact_values(vectors[kept], queries[query], metric)
            merge_(values[query], ids[query], found, kept + first_row)
