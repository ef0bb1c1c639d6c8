"""Paired tests and intervals against SciPy and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.selection.paired import EXACT_UP_TO, bootstrap_interval, mean_interval, sign_flip

stats = pytest.importorskip("scipy.stats")


def by_scipy(differences):
    statistic = lambda x, axis: x.mean(axis)  # noqa: E731
    return stats.permutation_test(
        (differences,), statistic, permutation_type="samples", n_resamples=np.inf
    ).pvalue


@pytest.mark.parametrize("n", [2, 6, 9])
def test_few_differences_are_counted_exactly(n):
    differences = np.random.default_rng(n).normal(0.5, 1, n)
    assert sign_flip(differences) == pytest.approx(by_scipy(differences))


def test_zeros_change_nothing():
    differences = np.array([0.3, 0.1, -0.2, 0.4, 0.5])
    assert sign_flip(np.append(differences, np.zeros(40))) == sign_flip(differences) == by_scipy(differences)


def test_ties_within_rounding_count_as_far():
    third = 1 / 3
    differences = np.array([third, 1 - 2 * third, -third, third])  # equal but for an ulp
    assert sign_flip(differences) == sign_flip(np.array([1.0, 1.0, -1.0, 1.0])) == 0.625


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_the_least_that_six_seeds_can_give(scale):
    assert sign_flip(np.arange(1.0, 7.0) * scale) == 2 / 2**6


def test_many_differences_of_right_and_wrong_are_mcnemars_test():
    differences = np.repeat([1.0, -1.0, 0.0], [60, 38, 900])
    assert sign_flip(differences, draws=100_000) == pytest.approx(stats.binomtest(60, 98).pvalue, abs=0.004)


def test_many_differences_of_all_sizes():
    differences = np.random.default_rng(2).normal(0.25, 1, EXACT_UP_TO + 40)
    t = differences.mean() / np.sqrt((differences**2).sum()) * len(differences)
    assert sign_flip(differences, draws=50_000) == pytest.approx(2 * stats.norm.sf(t), abs=0.01)


def test_a_drawn_p_value_is_never_zero_and_repeats():
    differences = np.ones(500)
    assert sign_flip(differences, draws=99) == 0.01
    noise = np.random.default_rng(0).normal(0, 1, 100)
    assert sign_flip(noise, seed=1) == sign_flip(noise, seed=1)
    assert sign_flip(noise, seed=1) == sign_flip(-noise, seed=1)


@pytest.mark.parametrize("n", [0, 1, 5])
def test_nothing_to_tell(n):
    assert sign_flip(np.zeros(n)) == 1.0


@pytest.mark.parametrize("n", [2, 3, 4, 7, 10, 41])
def test_students_interval(n):
    sample = np.random.default_rng(n).normal(3, 2, n)
    expected = stats.t.interval(0.95, n - 1, sample.mean(), stats.sem(sample))
    assert mean_interval(sample) == pytest.approx(expected, abs=1e-9)


def test_intervals_need_two_values():
    assert mean_interval(np.array([1.0])) is None
    assert bootstrap_interval(np.array([1.0])) is None
    assert mean_interval(np.array([2.0, 2.0])) == (2.0, 2.0)


@pytest.mark.parametrize("digits", [0, 9])
def test_the_bootstrap_interval_is_near_the_normal_one(digits):
    sample = np.random.default_rng(4).normal(0.5, 2, 800).round(digits)
    reach = 1.96 * stats.sem(sample)
    assert bootstrap_interval(sample, draws=4000) == pytest.approx(
        (sample.mean() - reach, sample.mean() + reach), abs=0.012
    )
