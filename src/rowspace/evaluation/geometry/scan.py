"""One pass over the rows for all that sums tell about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64, UInt64

from rowspace import kernels
from rowspace.arrays import Vectors
from rowspace.search.exact import ExactIndex

Lengths = Float64[np.ndarray, "rows"]
Mask = Bool[np.ndarray, "rows"]
Fingerprints = UInt64[np.ndarray, "rows"]
Sum = Float64[np.ndarray, "dim"]
Gram = Float64[np.ndarray, "dim dim"]

# Multiply-adds from which importing Numba is worth its time: NumPy's product of a matrix with itself runs
# threads of its own, which on a machine with other work wait for each other for seconds.
KERNEL_FROM_WORK = 200_000_000
FINGERPRINT_SEED = 0x5EED  # any one number: equal rows have equal fingerprints whatever it is


@dataclass(frozen=True, eq=False)
class RowScan:
    """What one reading of the rows leaves: a few numbers a row, and sums of dim and dim x dim numbers.

    Rows with NaN or infinite values have length 0 here and count in no sum.
    """

    finite: Mask
    lengths: Lengths  # Euclidean, in float64
    largest: Lengths  # the greatest absolute value of each row
    fingerprints: Fingerprints
    total: Sum  # of the rows
    unit_total: Sum  # of the rows at length one; zero rows have no direction and stay out
    gram: Gram  # rows.T @ rows

    @property
    def directed(self) -> Mask:
        """The rows that point anywhere: finite, and not zero."""
        directed: Mask = self.lengths > 0
        return directed


def scan_rows(index: ExactIndex) -> RowScan:
    """Read the rows of `index` once, a few megabytes at a time: rows x dim x dim multiply-adds.

    Beyond the rows it needs 8 dim x dim bytes, and 25 a row.

    >>> scan = scan_rows(ExactIndex(np.array([[3, 4], [0, 0], [np.nan, 1]], np.float32)))
    >>> scan.lengths.tolist(), scan.finite.tolist()
    ([5.0, 0.0, 0.0], [True, True, False])
    """
    rows, dim = index.num_rows, index.dim
    scan = RowScan(
        finite=np.zeros(rows, np.bool_),
        lengths=np.zeros(rows),
        largest=np.zeros(rows),
        fingerprints=np.zeros(rows, np.uint64),
        total=np.zeros(dim),
        unit_total=np.zeros(dim),
        gram=np.zeros((dim, dim)),
    )
    odd: Any = np.random.default_rng(FINGERPRINT_SEED).integers(0, 1 << 64, dim, np.uint64) | np.uint64(1)
    device: kernels.Device = "cpu" if rows * dim * dim >= KERNEL_FROM_WORK else "reference"
    column_products = kernels.load("gram", device).column_products
    for start, block in index.blocks():
        _add_(scan, slice(start, start + len(block)), block, odd, column_products)
    return scan


def _add_(
    scan: RowScan,
    place: slice,
    block: Vectors,
    odd: UInt64[np.ndarray, "dim"],
    column_products: Callable[[Vectors], Gram],
) -> None:
    """Take one block of rows into `scan`. The fingerprint is a sum of bit patterns times odd numbers."""
    finite = np.isfinite(block).all(axis=1)
    wide = block.astype(np.float64)
    wide[~finite] = 0
    lengths = np.sqrt(np.einsum("rd,rd->r", wide, wide))
    scan.finite[place], scan.lengths[place] = finite, lengths
    scan.largest[place] = np.abs(wide).max(axis=1, initial=0)
    scan.fingerprints[place] = np.einsum("rd,d->r", block.view(np.uint32), odd, dtype=np.uint64)
    scan.total[:] += wide.sum(axis=0)
    scan.gram[:] += column_products(block if finite.all() else wide.astype(np.float32))
    wide /= np.where(lengths > 0, lengths, 1)[:, None]
    scan.unit_total[:] += wide.sum(axis=0)
