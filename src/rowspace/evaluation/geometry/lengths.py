"""Do the lengths of rows follow the frequency of their keys?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rowspace.arrays import Counts
from rowspace.evaluation.geometry.bands import rank_bands
from rowspace.evaluation.geometry.scan import Lengths, Mask
from rowspace.evaluation.statistics import spearman


@dataclass(frozen=True)
class LengthBand:
    """The lengths of the finite rows in one band of frequency ranks: three percentiles."""

    ranks: str
    rows: int
    p5: float
    median: float
    p95: float


@dataclass(frozen=True)
class LengthReport:
    """The lengths of all finite rows, and how they go with frequency."""

    everywhere: LengthBand | None  # None without a finite row
    bands: list[LengthBand]
    bands_by: str  # "count", or "row" where nobody counted
    frequency_correlation: float | None  # Spearman with the counts; None without counts, or if constant


def measure_lengths(lengths: Lengths, finite: Mask, counts: Counts | None) -> LengthReport:
    """Describe the Euclidean lengths of the `finite` rows, in all and by band of frequency rank."""
    if not finite.any():
        return LengthReport(None, [], "row" if counts is None else "count", None)
    bands = rank_bands(len(lengths), counts, finite)
    return LengthReport(
        everywhere=_band("all", lengths[finite]),
        bands=[_band(name, lengths[rows]) for name, rows in bands],
        bands_by="row" if counts is None else "count",
        frequency_correlation=None if counts is None else frequency_correlation(lengths, finite, counts),
    )


def frequency_correlation(lengths: Lengths, finite: Mask, counts: Counts) -> float | None:
    """Spearman's correlation of length with log count over the finite rows, in [-1, 1].

    Ranks do not change under a logarithm, so the counts are ranked as they are. Schakel & Wilson (2015)
    describe the relation: length grows with frequency as long as a word's contexts agree, and shrinks
    for the most frequent words, whose contexts differ. None for fewer than two rows or a constant side.

    >>> frequency_correlation(np.array([1.0, 2, 3]), np.ones(3, bool), np.array([5, 50, 500]))
    1.0
    """
    return spearman(lengths[finite], counts[finite].astype(np.float64))


def _band(ranks: str, lengths: Lengths) -> LengthBand:
    p5, median, p95 = np.percentile(lengths, [5, 50, 95]).tolist()
    return LengthBand(ranks, len(lengths), p5, median, p95)
