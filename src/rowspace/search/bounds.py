"""What lets a search skip exact arithmetic: bounds on a row's value that float32 cannot overstep.

The meaning of scale, shift, gain and offset is that of `rowspace.kernels.reference.top_k`:

    dot(row, query) * scale[row] + shift[row]  >=  value * gain[query] + offset[query]

A float32 product of two vectors errs by at most dim * 2**-24 times both lengths (Higham, Accuracy and
Stability of Numerical Algorithms, section 3.1). `rounding` is twice that and more, for the norms, which
are sums themselves, and for the two operations that follow.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from jaxtyping import Float64, Int64

from rowspace.arrays import Vectors
from rowspace.kernels.reference.top_k import Queries, QueryScalars, RowScalars

Metric = Literal["cosine", "dot", "euclidean"]

TINY = 2.0**-126  # float32 products below it lose at most as much
BLUR_SHARE = 1 / 64  # of a squared query, taken from the offset; its inverse goes to the shift
MEASURABLE = 1e-15, 1e18  # lengths whose squares neither vanish nor overflow in float32


def rounding(dim: int) -> float:
    """The relative error that every bound allows for."""
    return (dim + 32) * 2.0**-23


def row_bounds(vectors: Vectors, metric: Metric) -> tuple[RowScalars, RowScalars]:
    """The scale and shift of each row, for queries no longer than one, or for any if euclidean.

    A distance needs 2 * row * query, at most row**2 + query**2: one part for the shift, one for the offset.
    A row that is too long, too short or not finite gets an infinite shift, so that it is always computed.
    """
    norms, error = _norms(vectors), rounding(vectors.shape[1])
    lost = vectors.shape[1] * TINY
    with np.errstate(all="ignore"):
        if metric == "cosine":
            scale = np.where(norms > 0, 1 / norms, 0)
            shift = error + lost * scale
        elif metric == "dot":
            scale = np.ones_like(norms)
            shift = error * norms + lost
        else:
            scale = np.full_like(norms, 2)
            shift = norms**2 * (2 * error - 1) + lost
        low, high = MEASURABLE
        shift[(norms != 0) & ~((norms > low) & (norms < high))] = np.inf
        return scale.astype(np.float32), shift.astype(np.float32)


def sketch_bounds(
    bounds: tuple[RowScalars, RowScalars], steps: RowScalars, remainders: RowScalars, metric: Metric, dim: int
) -> tuple[RowScalars, RowScalars]:
    """The scale and shift for codes, from those of the rows and from what `sketch_` wrote.

    A remainder changes a product by at most its length times the query's. That query is no longer than
    one; but if euclidean, 2 * remainder * query <= remainder**2 / share + query**2 * share.
    """
    scale, shift = (bound.astype(np.float64) for bound in bounds)
    error = rounding(dim)
    longest = 127 * np.sqrt(dim) * steps.astype(np.float64)
    blur = remainders.astype(np.float64) * (1 + error) + longest * error
    shift += blur**2 / BLUR_SHARE if metric == "euclidean" else blur * scale
    with np.errstate(all="ignore"):
        return (scale * steps).astype(np.float32), shift.astype(np.float32)


def query_bounds(
    queries: Queries, metric: Metric, *, sketched: bool = False
) -> tuple[QueryScalars, QueryScalars]:
    """The gain and offset of each query, for rows or for their sketch."""
    wide = queries.astype(np.float64)
    squares = np.einsum("qd,qd->q", wide, wide)
    gain, offset = np.ones(len(queries)), np.zeros(len(queries))
    if metric == "cosine":
        gain = np.sqrt(squares)
    elif metric == "euclidean":
        offset = squares * (1 - rounding(queries.shape[1]) - BLUR_SHARE * sketched)
    return gain, offset


def shorten(queries: Queries) -> tuple[Queries, Int64[np.ndarray, "queries"]]:
    """Each query times a power of two, 2**-exponent, so that its length is below one; and the exponents.

    No digit is lost. Without it, rounding errors of the longest query would blur the bounds of all others.
    """
    exponents = np.frexp(np.linalg.norm(queries.astype(np.float64), axis=1))[1].astype(np.int64)
    return np.ldexp(queries, -exponents[:, None]), exponents


def _norms(vectors: Vectors) -> Float64[np.ndarray, "rows"]:
    """The length of each row; 0 only where the row is zero, not where its square vanishes."""
    with np.errstate(all="ignore"):
        norms: Float64[np.ndarray, "rows"] = np.sqrt(np.vecdot(vectors, vectors)).astype(np.float64)
    zero = np.flatnonzero(norms == 0)
    norms[zero] = np.where(vectors[zero].any(axis=1), TINY, 0)
    return norms
