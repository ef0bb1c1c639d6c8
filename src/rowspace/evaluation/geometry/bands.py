"""Frequency bands: the hundred most frequent keys, the next up to a thousand, and so on by tens."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Int64

from rowspace.arrays import Counts

Members = Int64[np.ndarray, "_"]  # row ids, in every band another number

FIRST_BAND = 100  # keys
WIDENING = 10  # each band ends at so many times the rank of the one before, as Zipf's law suggests


def rank_bands(
    num_keys: int, counts: Counts | None, kept: Bool[np.ndarray, "rows"]
) -> list[tuple[str, Members]]:
    """The `kept` rows of each band of frequency ranks, the most frequent band first.

    Without counts the order of the rows stands for their frequency, as it does in most published
    tables. Of equal counts the first row ranks higher. A band without a kept row is left out.

    >>> rank_bands(150, None, np.arange(150) % 50 == 0)
    [('1-100', array([ 0, 50])), ('101-150', array([100]))]
    """
    order = np.arange(num_keys) if counts is None else np.argsort(-counts, kind="stable")
    bands, start, stop = [], 0, FIRST_BAND
    while start < num_keys:
        rows = order[start:stop]
        rows = rows[kept[rows]]
        if len(rows):
            bands.append((f"{start + 1:,}-{min(stop, num_keys):,}", rows))
        start, stop = stop, stop * WIDENING
    return bands
