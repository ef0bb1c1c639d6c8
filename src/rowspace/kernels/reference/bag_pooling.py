"""What bags of rows give: weighted sums, greatest values, and the gradient of the weights.

Bag b holds the entries offsets[b]:offsets[b + 1]. `offsets` name places of `ids` whether they are all of
them or a slice, so threads share the bags as slices of `offsets` and `out` beside the same `ids`.
Sums are taken in float32 in the order of the bag.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32, Int64

from rowspace.arrays import Offsets, RowIds, Vectors

Coefficients = Float32[np.ndarray, "entries"]  # a factor for each entry; of length 0 where all are one
Places = Int64[np.ndarray, "bags dim"]
Sources = Int64[np.ndarray, "entries"]
EntryValues = Float32[np.ndarray, "entries"]


def pool_bags_(
    vectors: Vectors, ids: RowIds, offsets: Offsets, coefficients: Coefficients, out: Vectors
) -> None:
    """Write the sum of coefficients[e] * vectors[ids[e]] over each bag to `out`, float32 (bags, dim)."""
    entries = slice(offsets[0], offsets[-1])
    rows = vectors[ids[entries]]
    if len(coefficients):
        rows *= coefficients[entries, None]
    out[:] = 0
    np.add.at(out, np.repeat(np.arange(len(out)), np.diff(offsets)), rows)


def max_of_bags_(vectors: Vectors, ids: RowIds, offsets: Offsets, out: Vectors, places: Places) -> None:
    """Write the greatest value of each bag and dimension to `out`, and the entry that holds it to `places`.

    Of equal values the first one counts, and a NaN is above every number. An empty bag has zeros and
    the place -1.
    """
    out[:], places[:] = 0, -1
    for bag in np.flatnonzero(np.diff(offsets)):
        rows = vectors[ids[offsets[bag] : offsets[bag + 1]]]
        first = rows.argmax(axis=0)
        out[bag] = np.take_along_axis(rows, first[None], axis=0)[0]
        places[bag] = offsets[bag] + first


def coefficient_gradients_(
    vectors: Vectors, ids: RowIds, sources: Sources, outputs: Vectors, out: EntryValues
) -> None:
    """Write the dot product of vectors[ids[e]] and outputs[sources[e]] to out[e]."""
    out[:] = np.einsum("ed,ed->e", vectors[ids], outputs[sources])
