"""Isotropy against brute force and against what the papers promise."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.evaluation.geometry.isotropy import iso_score, log_partitions, mean_cosine, partition_ratio

RNG = np.random.default_rng(2)
ROWS = (RNG.standard_normal((60, 6)) * [3, 1, 1, 1, 0.5, 0.2] + 0.4).astype(np.float32)
WIDE = ROWS.astype(float)


def test_mean_cosine_is_that_of_all_pairs():
    units = WIDE / np.linalg.norm(WIDE, axis=1, keepdims=True)
    cosines = units @ units.T
    expected = cosines[~np.eye(60, dtype=bool)].mean()
    assert mean_cosine(units.sum(axis=0), 60) == pytest.approx(expected)


def test_mean_cosine_of_fewer_than_two_rows_is_undefined():
    assert mean_cosine(np.ones(3), 1) is None
    assert mean_cosine(np.zeros(0), 0) is None


def test_partition_ratio_is_the_formula_over_all_rows_at_once():
    eigenvectors = np.linalg.eigh(WIDE.T @ WIDE)[1]
    both = np.concatenate([eigenvectors, -eigenvectors], axis=1)
    sums = np.exp(WIDE @ both).sum(axis=0)
    found = partition_ratio([ROWS[:7], ROWS[7:7], ROWS[7:]], WIDE.T @ WIDE)
    assert found == pytest.approx(sums.min() / sums.max())
    assert 0 < found < 1


def test_long_rows_do_not_overflow():
    logs = log_partitions([ROWS * np.float32(1e6), -ROWS * np.float32(1e6)], np.eye(6))
    assert np.isfinite(logs).all()
    np.testing.assert_allclose(logs, np.abs(WIDE * [[[1e6]], [[1e6]]]).max(axis=1), rtol=1e-6)
    assert partition_ratio([ROWS * np.float32(1e6)], WIDE.T @ WIDE * 1e12) == 0


def test_rows_that_are_not_finite_are_left_out():
    spoiled = np.concatenate([ROWS, np.full((2, 6), np.nan, np.float32)])
    gram = WIDE.T @ WIDE
    assert partition_ratio([spoiled], gram) == pytest.approx(partition_ratio([ROWS], gram))


def test_partition_ratio_without_dimensions_is_undefined():
    assert partition_ratio([np.zeros((3, 0), np.float32)], np.zeros((0, 0))) is None


def test_iso_score_grows_with_the_dimensions_used():
    scores = [iso_score(np.repeat([1.0, 0.0], [used, 10 - used])) for used in range(1, 11)]
    assert scores == sorted(scores)
    # Rudman et al. 2022: with k of n dimensions used evenly, the score is (k - 1) / (n - 1).
    assert scores == pytest.approx([(used - 1) / 9 for used in range(1, 11)])


def test_iso_score_does_not_depend_on_scale():
    variances = RNG.random(9)
    assert iso_score(variances * 1e-9) == pytest.approx(iso_score(variances))


@pytest.mark.parametrize("variances", [np.zeros(0), np.ones(1), np.zeros(4)])
def test_iso_score_where_it_is_undefined(variances):
    assert iso_score(variances) is None
