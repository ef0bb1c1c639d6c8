"""The narrower tables that one wide table holds: its first columns, as they are or turned by variance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from rowspace.arrays import Vectors


def prefixes(vectors: Vectors, dims: Sequence[int]) -> Iterator[Vectors]:
    """The first columns of `vectors`, for each of `dims` up to their number.

    >>> [part.shape for part in prefixes(np.ones((5, 4), np.float32), [2, 4, 8])]
    [(5, 2), (5, 4)]
    """
    for dim in dims:
        if dim <= vectors.shape[1]:
            yield np.ascontiguousarray(vectors[:, :dim])


def principal(vectors: Vectors) -> Vectors:
    """`vectors` turned so that each column varies most after those before it (PCA without centering).

    A turn changes no cosine of whole rows; the first columns are the best narrower table in the sense of
    squared error. Cost: one eigendecomposition of dim x dim.

    >>> principal(np.array([[0, 3], [0, -2], [1, 0]], np.float32)).round(3)
    array([[ 3.,  0.],
           [-2.,  0.],
           [ 0.,  1.]], dtype=float32)
    """
    wide = vectors.astype(np.float64)
    _, axes = np.linalg.eigh(wide.T @ wide)
    turn = axes[:, ::-1] * np.where(axes.sum(axis=0) < 0, -1, 1)[::-1]  # an axis has no sign of its own
    turned: Vectors = (wide @ turn).astype(np.float32)
    return turned
