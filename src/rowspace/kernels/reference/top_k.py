"""The k best rows of a block for each query, merged into the k best so far.

The answer is that of float64 arithmetic: a row's value is computed in float64 and rounded once to
float32, and rows are ordered by (value, smaller row id first). So it depends on no block size, thread
count or BLAS. To get it at the speed of float32, a row is computed so only where its upper bound reaches
the query's floor, which rises with the k-th best value so far:

    dot(row, query) * scale[row] + shift[row]  >=  value * gain[query] + offset[query]

The caller puts the worst rounding error of the float32 left side into shift and offset. A bound that
is NaN counts as reached.

Values by metric: DOT the product; COSINE the cosine, 0 for a zero vector, where gain must be the
query's length; EUCLIDEAN the negative squared distance. A value that is no finite float32 is none.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32, Float64, Int64

from rowspace.arrays import Vectors

DOT, COSINE, EUCLIDEAN = 0, 1, 2
FEWEST_TOGETHER = 512
BOUNDS_IN_CACHE = 1 << 17  # of all queries together
FEWEST_ROWS = 1 << 12

Queries = Float32[np.ndarray, "queries dim"]
RowScalars = Float32[np.ndarray, "rows"]
QueryScalars = Float64[np.ndarray, "queries"]
BestValues = Float32[np.ndarray, "queries k"]
BestIds = Int64[np.ndarray, "queries k"]


def scan_(
    vectors: Vectors,
    scale: RowScalars,
    shift: RowScalars,
    queries: Queries,
    gain: QueryScalars,
    offset: QueryScalars,
    metric: int,
    first_row: int,
    values: BestValues,
    ids: BestIds,
) -> None:
    """Merge the rows of `vectors`, whose ids start at `first_row`, into `values` and `ids` in place.

    Both start as -inf and -1, and come back in no promised order. Later calls bring later rows.
    """
    with np.errstate(all="ignore"):
        bounds = queries @ vectors.T
        stop, together = 0, max(FEWEST_ROWS, BOUNDS_IN_CACHE // max(len(queries), 1))
        while stop < len(vectors):
            # Few rows first: they set a floor that nearly all others fail.
            start, stop = stop, stop + (together if stop else FEWEST_ROWS)
            rows = slice(start, stop)
            bounds[:, rows] *= scale[rows]
            bounds[:, rows] += shift[rows]
            for query in range(len(queries)):
                best = values[query], ids[query]
                floor = gain[query], offset[query]
                _scan_query_(
                    vectors[rows], bounds[query, rows], queries[query], floor, metric, start + first_row, best
                )


def _scan_query_(
    vectors: Vectors,
    bounds: RowScalars,
    query: Float32[np.ndarray, "dim"],
    floor: tuple[np.float64, np.float64],
    metric: int,
    first_row: int,
    best: tuple[Float32[np.ndarray, "k"], Int64[np.ndarray, "k"]],
) -> None:
    """Merge the rows whose bounds reach the floor, some at a time, so that each lot raises it."""
    together = max(FEWEST_TOGETHER, len(best[0]))
    waiting = reaching(bounds, best[0], *floor)
    while len(waiting):
        now, waiting = waiting[:together], waiting[together:]
        merge_(*best, exact_values(vectors[now], query, metric), now + first_row)
        waiting = waiting[reaching(bounds[waiting], best[0], *floor)]


def reaching(
    bounds: RowScalars, values: Float32[np.ndarray, "k"], gain: np.float64, offset: np.float64
) -> Int64[np.ndarray, "reaching"]:
    """The places whose bound reaches the floor that the worst of the best values sets."""
    floor = np.float32(np.float64(values.min()) * gain + offset)
    places: Int64[np.ndarray, "reaching"] = np.flatnonzero(~(bounds < floor))
    return places


def merge_(
    values: Float32[np.ndarray, "k"],
    ids: Int64[np.ndarray, "k"],
    new_values: RowScalars,
    new_ids: Int64[np.ndarray, "rows"],
) -> None:
    """Keep the best of the best so far and the new ones: higher values first, then smaller ids."""
    all_values, all_ids = np.concatenate([values, new_values]), np.concatenate([ids, new_ids])
    all_ids[all_values == -np.inf] = -1
    best = np.lexsort((all_ids, -all_values))[: len(values)]
    values[:], ids[:] = all_values[best], all_ids[best]


def exact_values(vectors: Vectors, query: Float32[np.ndarray, "dim"], metric: int) -> RowScalars:
    """The value of each row in float64, rounded to float32; -inf where that is no finite number."""
    rows, wanted = vectors.astype(np.float64), query.astype(np.float64)
    if metric == EUCLIDEAN:
        rows -= wanted
        exact = -np.einsum("rd,rd->r", rows, rows)
    else:
        exact = np.einsum("rd,d->r", rows, wanted)
    if metric == COSINE:
        lengths = np.sqrt(np.einsum("rd,rd->r", rows, rows)) * np.sqrt(np.einsum("d,d->", wanted, wanted))
        exact = np.where(lengths == 0, 0.0, exact / lengths)
    rounded: RowScalars = exact.astype(np.float32)
    rounded[~np.isfinite(rounded)] = -np.inf
    return rounded
