"""Vectors flattened to the two directions in which they differ most."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

from rowspace.arrays import Vectors

Points = Float64[np.ndarray, "rows 2"]


def flatten(vectors: Vectors, *, to_length_one: bool = True) -> tuple[Points, float]:
    """The first two principal components of finite vectors, and their share of the variance in [0, 1].

    With `to_length_one` each vector is scaled first, so that distance means angle. A second direction that
    the vectors do not have is zero; the share of vectors that do not differ is 1.

    >>> points, share = flatten(np.array([[1, 0, 0], [2, 0, 0], [3, 0, 0]], np.float32), to_length_one=False)
    >>> np.abs(points).round(2).tolist(), share
    ([[1.0, 0.0], [0.0, 0.0], [1.0, 0.0]], 1.0)
    """
    wide = vectors.astype(np.float64)  # in which the square of any float32 is a number
    if to_length_one:
        lengths = np.linalg.norm(wide, axis=1, keepdims=True)
        wide = np.divide(wide, lengths, out=wide, where=lengths > 0)
    wide -= wide.mean(axis=0)
    left, sizes, _ = np.linalg.svd(wide, full_matrices=False)
    points = np.zeros((len(wide), 2))
    kept = min(2, len(sizes))
    points[:, :kept] = left[:, :kept] * sizes[:kept]
    total = float(sizes @ sizes)
    return points, float(sizes[:2] @ sizes[:2]) / total if total > 0 else 1.0
