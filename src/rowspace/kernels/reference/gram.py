"""The products of the columns of a tall matrix with each other, and its product with a small square one.

NumPy's own products would do, but its linear algebra library runs threads of its own, which on a machine
with other work wait for each other for seconds.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

from rowspace.arrays import Vectors

Square = Float64[np.ndarray, "stride stride"]
Turn = Vectors  # float32 (stride, stride)


def column_products(vectors: Vectors) -> Square:
    """Gram's matrix, vectors.T @ vectors in float64: float32 would lose small singular values."""
    exact = vectors.astype(np.float64)
    return exact.T @ exact


def turn_(vectors: Vectors, turn: Turn) -> None:
    """Replace each row by its product with `turn`. Strides are multiples of 16."""
    vectors[:] = vectors @ turn
