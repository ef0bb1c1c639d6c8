"""Bands of frequency ranks."""

from __future__ import annotations

import numpy as np

from rowspace.evaluation.geometry.bands import rank_bands


def test_counts_decide_the_ranks_and_ties_go_by_row():
    counts = np.array([5, 9] + [7] * 148, np.int64)
    bands = rank_bands(150, counts, np.ones(150, np.bool_))
    assert [name for name, _ in bands] == ["1-100", "101-150"]
    assert bands[0][1].tolist() == [1, *range(2, 101)]
    assert bands[1][1].tolist() == [*range(101, 150), 0]


def test_every_kept_row_is_in_one_band():
    kept = np.random.default_rng(0).random(12_345) < 0.3
    bands = rank_bands(12_345, None, kept)
    assert [name for name, _ in bands] == ["1-100", "101-1,000", "1,001-10,000", "10,001-12,345"]
    np.testing.assert_array_equal(np.concatenate([rows for _, rows in bands]), np.flatnonzero(kept))


def test_bands_without_a_row_are_left_out():
    assert rank_bands(0, None, np.zeros(0, np.bool_)) == []
    assert [name for name, _ in rank_bands(500, None, np.arange(500) == 300)] == ["101-500"]
