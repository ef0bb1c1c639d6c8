"""Correlations equal SciPy's; the bootstrap equals doing it one resample after another."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rowspace.evaluation.statistics import average_ranks, middle_95, pearson, spearman, spearman_interval

stats = pytest.importorskip("scipy.stats")

FINITE = st.one_of(st.integers(-3, 3).map(float), st.floats(-1e150, 1e150))
SAMPLES = st.integers(2, 30).flatmap(lambda n: st.tuples(*[arrays(np.float64, n, elements=FINITE)] * 2))


@settings(deadline=None, max_examples=200)
@given(SAMPLES)
def test_equal_scipy(samples):
    x, y = samples
    np.testing.assert_array_equal(average_ranks(x), stats.rankdata(x))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = stats.spearmanr(x, y).statistic
    ours = spearman(x, y)
    if ours is None:
        assert np.isnan(theirs)
    else:
        assert ours == pytest.approx(theirs, abs=1e-12)


def test_pearson_equals_scipy():
    rng = np.random.default_rng(0)
    for n in (2, 3, 50, 1000):
        x, y = rng.standard_normal((2, n)) * 10.0 ** rng.integers(-200, 200)
        assert pearson(x, y) == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-12)


@pytest.mark.parametrize("correlation", [pearson, spearman])
def test_undefined_correlations(correlation):
    one, rising, flat = np.array([1.0]), np.array([1.0, 2.0, 3.0]), np.full(3, 0.1)
    assert correlation(one[:0], one[:0]) is None
    assert correlation(one, one) is None
    assert correlation(rising, flat) is None
    assert correlation(flat, rising) is None
    assert correlation(rising, 2 * rising) == 1
    assert correlation(rising, -rising) == -1


def test_the_interval_equals_resampling_one_by_one(monkeypatch):
    rng = np.random.default_rng(1)
    x = rng.integers(0, 9, 25).astype(np.float64)
    y = x + rng.standard_normal(25).round(1) * 4
    monkeypatch.setattr("rowspace.evaluation.statistics.DRAWS_AT_A_TIME", 25 * 8)
    found = spearman_interval(x, y, resamples=50, seed=3)
    draws = np.random.default_rng(3)
    drawn = np.concatenate([draws.integers(0, 25, (size, 25)) for size in [8] * 6 + [2]])
    scores = [stats.spearmanr(x[each], y[each]).statistic for each in drawn]
    assert found == pytest.approx(tuple(np.percentile(scores, [2.5, 97.5])), abs=1e-12)


def test_the_interval_holds_the_score_and_follows_the_seed():
    x = np.arange(60.0)
    y = x + 20 * np.random.default_rng(2).standard_normal(60)
    low, high = spearman_interval(x, y, resamples=500, seed=0)
    assert -1 <= low < spearman(x, y) < high <= 1
    assert spearman_interval(x, y, resamples=500, seed=0) == (low, high)
    assert spearman_interval(x, y, resamples=500, seed=1) != (low, high)


def test_no_interval_where_it_says_nothing():
    two = np.array([1.0, 2.0])
    assert spearman_interval(two, two, resamples=100, seed=0) is None
    assert spearman_interval(np.arange(30.0), np.arange(30.0), resamples=100, seed=0) is None
    assert spearman_interval(two, np.ones(2), resamples=100, seed=0) is None
    assert spearman_interval(two[:0], two[:0], resamples=100, seed=0) is None
    assert spearman_interval(np.arange(9.0), np.arange(9.0), resamples=0, seed=0) is None


def test_the_middle_of_resamples():
    scores = np.arange(101.0)
    assert middle_95(scores) == (2.5, 97.5)
    assert middle_95(np.concatenate([scores, np.full(100, np.nan)])) == (2.5, 97.5)
    assert middle_95(np.concatenate([scores, np.full(101, np.nan)])) is None
    assert middle_95(np.full(9, 0.5)) is None
    assert middle_95(scores[:0]) is None
