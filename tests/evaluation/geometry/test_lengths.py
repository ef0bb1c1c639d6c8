"""Lengths of rows against the counts of their keys."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.evaluation.geometry.lengths import frequency_correlation, measure_lengths

stats = pytest.importorskip("scipy.stats")

RNG = np.random.default_rng(1)
LENGTHS = RNG.gamma(3, 1, 400)
COUNTS = RNG.zipf(1.5, 400).astype(np.int64)


def test_the_correlation_is_scipys_with_log_counts():
    finite = RNG.random(400) < 0.9
    expected = stats.spearmanr(LENGTHS[finite], np.log(COUNTS[finite])).statistic
    assert frequency_correlation(LENGTHS, finite, COUNTS) == pytest.approx(expected)


def test_percentiles_are_those_of_each_band():
    report = measure_lengths(LENGTHS, np.ones(400, np.bool_), COUNTS)
    first = LENGTHS[np.argsort(-COUNTS, kind="stable")[:100]]
    band = report.bands[0]
    assert (band.ranks, band.rows, report.bands_by) == ("1-100", 100, "count")
    assert [band.p5, band.median, band.p95] == pytest.approx(np.percentile(first, [5, 50, 95]).tolist())
    assert sum(band.rows for band in report.bands) == report.everywhere.rows == 400


def test_without_counts_the_order_of_rows_makes_the_bands():
    report = measure_lengths(LENGTHS, np.ones(400, np.bool_), None)
    assert (report.bands_by, report.frequency_correlation) == ("row", None)
    assert report.bands[0].median == pytest.approx(np.median(LENGTHS[:100]))


def test_rows_that_are_not_finite_are_left_out():
    finite = np.arange(400) >= 100
    report = measure_lengths(LENGTHS, finite, None)
    assert [band.ranks for band in report.bands] == ["101-400"]
    nothing = measure_lengths(LENGTHS, np.zeros(400, np.bool_), COUNTS)
    assert (nothing.everywhere, nothing.bands, nothing.frequency_correlation) == (None, [], None)


def test_equal_lengths_have_no_correlation():
    assert frequency_correlation(np.ones(5), np.ones(5, np.bool_), COUNTS[:5]) is None
