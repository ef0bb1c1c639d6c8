"""Paired tests against SciPy, against doing it one resample after another, and where they say nothing."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from rowspace.evaluation import paired
from rowspace.evaluation.paired import mcnemar, paired_purity, paired_shares, paired_spearman

stats = pytest.importorskip("scipy.stats")


def flags(*counts):
    """So many questions that both, the first, the second and neither answered."""
    first = np.repeat([True, True, False, False], counts)
    return first, np.repeat([True, False, True, False], counts)


def ranks(values):
    return stats.zscore(stats.rankdata(values))


@pytest.mark.parametrize(
    "counts", [(0, 0), (1, 0), (1, 9), (9, 1), (30, 30), (12, 31), (400, 300), (5000, 5100)]
)
def test_mcnemar_is_the_exact_binomial_test(counts):
    expected = stats.binomtest(counts[0], sum(counts)).pvalue if sum(counts) else 1.0
    assert mcnemar(*counts) == pytest.approx(expected, rel=1e-9)


def test_shares():
    found = paired_shares(*flags(40, 5, 20, 35), resamples=4000, seed=0)
    assert found.difference == pytest.approx(0.15)
    assert found.p_value == pytest.approx(stats.binomtest(5, 25).pvalue)
    first, second = flags(40, 5, 20, 35)
    drawn = np.random.default_rng(1).integers(0, 100, (20_000, 100))
    differences = second[drawn].mean(axis=1) - first[drawn].mean(axis=1)
    assert found.interval == pytest.approx(tuple(np.percentile(differences, [2.5, 97.5])), abs=0.0101)


def test_the_order_of_tables_turns_the_sign():
    first, second = flags(40, 5, 20, 35)
    there, back = (paired_shares(*pair, resamples=500, seed=0) for pair in ((first, second), (second, first)))
    assert there.difference == -back.difference
    assert there.p_value == back.p_value


def test_purity_takes_its_p_value_from_resamples():
    clear = paired_purity(*flags(40, 2, 30, 28), resamples=999, seed=0)
    assert clear.p_value == 2 / 1000
    assert clear.interval[0] > 0
    assert paired_purity(*flags(40, 10, 11, 39), resamples=999, seed=0).p_value > 0.5
    assert paired_purity(*flags(40, 0, 0, 60), resamples=999, seed=0) == (0.0, None, 1.0)
    assert paired_purity(*flags(40, 1, 9, 60), resamples=0, seed=0).p_value is None


def test_a_bootstrap_p_value_below_five_percent_is_an_interval_without_zero():
    for more in range(1, 30):
        found = paired_purity(*flags(40, 10, 10 + more, 39), resamples=1999, seed=0)
        if abs(found.p_value - 0.05) > 0.01:
            assert (found.p_value < 0.05) == (found.interval[0] > 0)


def test_no_questions():
    none = np.zeros(0, np.bool_)
    assert paired_shares(none, none, resamples=100, seed=0) == (None, None, None)
    assert paired_purity(none, none, resamples=100, seed=0) == (None, None, None)


@pytest.fixture
def three():
    """Human scores with ties, and two tables' cosines, the second the better."""
    rng = np.random.default_rng(0)
    human = rng.integers(0, 10, 60).astype(np.float64)
    return human + 9 * rng.standard_normal(60), human + 3 * rng.standard_normal(60), human


def test_the_difference_and_its_interval(three, monkeypatch):
    first, second, human = three
    monkeypatch.setattr("rowspace.evaluation.statistics.DRAWS_AT_A_TIME", 60 * 50)
    found = paired_spearman(*three, resamples=200, seed=5)
    expected = stats.spearmanr(second, human).statistic - stats.spearmanr(first, human).statistic
    assert found.difference == pytest.approx(expected)
    rng = np.random.default_rng(5)
    drawn = np.concatenate([rng.integers(0, 60, (50, 60)) for _ in range(4)])
    differences = [
        stats.spearmanr(second[each], human[each]).statistic
        - stats.spearmanr(first[each], human[each]).statistic
        for each in drawn
    ]
    assert found.interval == pytest.approx(tuple(np.percentile(differences, [2.5, 97.5])), abs=1e-12)


def test_the_p_value_is_that_of_all_swaps(monkeypatch):
    rng = np.random.default_rng(3)
    monkeypatch.setattr(paired, "DRAWS_AT_A_TIME", 700)
    human = np.array([1.0, 2, 2, 4, 5, 6, 7, 8, 9])
    first, second = human + 5 * rng.standard_normal(9), human + 2 * rng.standard_normal(9)
    u, v = ranks(first), ranks(second)
    parted = [
        abs(
            np.corrcoef(np.where(swap, u, v), human_ranks := ranks(human))[0, 1]
            - np.corrcoef(np.where(swap, v, u), human_ranks)[0, 1]
        )
        for swap in np.array(list(product([False, True], repeat=9)))
    ]
    expected = np.mean(np.array(parted) >= parted[0] - 1e-9)
    assert 0.02 < expected < 0.9
    found = paired_spearman(first, second, human, resamples=20_000, seed=0)
    assert found.p_value == pytest.approx(expected, abs=0.015)


def test_clear_and_absent_differences(three):
    first, second, human = three
    found = paired_spearman(first, second, human, resamples=1999, seed=0)
    assert found.p_value < 0.05
    assert found.interval[0] > 0
    assert paired_spearman(second, second, human, resamples=199, seed=0) == (0.0, None, 1.0)
    scaled = paired_spearman(second, 3 * second + 1, human, resamples=199, seed=0)
    assert (scaled.difference, scaled.p_value) == (pytest.approx(0), 1.0)


def test_p_values_of_equal_tables_are_even():
    """Of two tables as good as each other, one comparison in twenty falls below .05."""
    rng = np.random.default_rng(7)
    p_values = []
    for _ in range(150):
        human = rng.standard_normal(30)
        first, second = human + 1.5 * rng.standard_normal((2, 30))
        p_values.append(paired_spearman(first, second, human, resamples=199, seed=0).p_value)
    assert np.mean(np.array(p_values) < 0.05) == pytest.approx(0.05, abs=0.06)
    assert np.mean(np.array(p_values) < 0.5) == pytest.approx(0.5, abs=0.13)


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_pairs(n):
    few = np.arange(float(n))
    assert paired_spearman(few, few, few, resamples=100, seed=0) == (None, None, None)


def test_constant_scores():
    flat, rising = np.ones(5), np.arange(5.0)
    for three in ((flat, rising, rising), (rising, flat, rising), (rising, rising, flat)):
        assert paired_spearman(*three, resamples=100, seed=0) == (None, None, None)


def test_ranks_that_swaps_make_equal_have_no_correlation():
    """A side that is flat after the swaps counts as 0 and not as what rounding makes of it."""
    u, v, h = ranks([1.0, 2, 3]), ranks([3.0, 2, 1]), ranks([1.0, 2, 3])
    level = paired._swapped(u, np.full(3, u[0]), h, np.array([[False, True, True]]))
    assert level == pytest.approx(1)
    assert paired._swapped(u, v, h, np.zeros((1, 3), np.bool_)) == pytest.approx(-2)


def test_two_pairs_show_nothing():
    up, down = np.array([1.0, 2.0]), np.array([2.0, 1.0])
    found = paired_spearman(up, down, up, resamples=999, seed=0)
    assert found.difference == pytest.approx(-2)
    assert found.p_value > 0.4
