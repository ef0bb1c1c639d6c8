"""Linear maps against their definitions."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.selection.best import postprocessing
from rowspace.selection.best.postprocessing import Spectrum, candidates, unchanged, units


@pytest.fixture
def vectors():
    rng = np.random.default_rng(3)
    return (rng.standard_normal((500, 6)) * [9, 4, 2, 1, 0.5, 0.1] + 3).astype(np.float32)


def test_whitened_rows_have_unit_covariance(vectors):
    mapped = Spectrum.of(vectors, np.ones(500)).to_power(1)(vectors).astype(np.float64)
    assert np.abs(mapped.mean(axis=0)).max() < 1e-4
    np.testing.assert_allclose(mapped.T @ mapped / 500, np.eye(6), atol=1e-3)


def test_weights_count_like_repeated_rows(vectors):
    counts = np.arange(500) % 4
    weighted = Spectrum.of(vectors, counts.astype(np.float64))
    repeated = Spectrum.of(np.repeat(vectors, counts, axis=0), np.ones(counts.sum()))
    np.testing.assert_allclose(weighted.mean, repeated.mean, rtol=1e-5)
    np.testing.assert_allclose(weighted.values, repeated.values, rtol=1e-5)


def test_without_top_removes_the_leading_axes(vectors):
    centered = vectors - vectors.mean(axis=0)
    _, _, axes = np.linalg.svd(centered, full_matrices=False)
    expected = centered - centered @ axes[:2].T @ axes[:2]
    found = Spectrum.of(vectors, np.ones(500)).without_top(2)(vectors)
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_a_power_scales_the_spread_of_every_axis(vectors):
    before = Spectrum.of(vectors, np.ones(500))
    after = Spectrum.of(before.to_power(0.5)(vectors), np.ones(500))
    np.testing.assert_allclose(after.values, np.sqrt(before.values), rtol=1e-3)


def test_blocks_of_rows_change_nothing(vectors, monkeypatch):
    whole = Spectrum.of(vectors, np.ones(500))
    monkeypatch.setattr(postprocessing, "ROWS_AT_A_TIME", 64)
    np.testing.assert_allclose(Spectrum.of(vectors, np.ones(500)).values, whole.values, rtol=1e-6)


def test_candidates_are_finite_even_where_rows_are_alike():
    for vectors in (np.zeros((20, 3), np.float32), np.ones((20, 3), np.float32)):
        for mapping in candidates(vectors, np.ones(20, np.int64)):
            assert np.isfinite(mapping(vectors)).all(), mapping.name


def test_names_are_distinct_and_the_first_changes_nothing(vectors):
    found = list(candidates(vectors, np.arange(500)))
    assert len({mapping.name for mapping in found}) == len(found)
    np.testing.assert_array_equal(found[0](vectors), vectors)
    np.testing.assert_array_equal(unchanged(6)(vectors), vectors)


def test_units_keep_zero():
    np.testing.assert_allclose(units(np.array([[0, 0], [0, 2]], np.float32)), [[0, 0], [0, 1]])
