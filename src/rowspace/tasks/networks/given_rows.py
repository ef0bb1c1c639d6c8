"""Rows that a task is given to begin with."""

from __future__ import annotations

import numpy as np

from rowspace.arrays import Vectors


def scaled(vectors: Vectors) -> Vectors:
    """Vectors whose mean square length is 1, so that rows learned beside them are of one size with them.

    >>> scaled(np.array([[3, 0], [0, 3]], np.float32)).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    length = float(np.sqrt(np.einsum("rd,rd->", vectors, vectors, dtype=np.float64) / max(1, len(vectors))))
    of_one_size: Vectors = vectors / np.float32(length or 1)
    return of_one_size
