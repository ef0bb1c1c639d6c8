"""Paired tests: do two tables differ by more than the choice of questions explains?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float64

from rowspace.evaluation.statistics import (
    DRAWS_AT_A_TIME,
    ROUNDING,
    Interval,
    Sample,
    average_ranks,
    draws,
    middle_95,
    resampled_spearman,
    spearman,
)

Flags = Bool[np.ndarray, "questions"]
FLAT = 1e-6  # swapped ranks whose standard deviation is less are equal; that of the ranks themselves is one


class Paired(NamedTuple):
    """The difference of two scores on the same questions, second minus first."""

    difference: float | None
    interval: Interval | None  # 95 %, by a bootstrap over the questions
    p_value: float | None  # two-sided: of a difference as large, were there none


def paired_spearman(first: Sample, second: Sample, human: Sample, *, resamples: int, seed: int) -> Paired:
    """The difference of two correlations with the same human scores; None where one is undefined.

    Both correlations are taken of each resample of pairs. The p-value is that of a permutation test: were
    the tables alike, each pair's two ranks could change places (approximate randomization, Noreen 1989;
    for tables of vectors Dror et al. 2018).
    """
    scores = spearman(first, human), spearman(second, human)
    if scores[0] is None or scores[1] is None:
        return Paired(None, None, None)
    differences = [
        resampled_spearman(second, human, drawn) - resampled_spearman(first, human, drawn)
        for drawn in draws(len(human), resamples=resamples, seed=seed)
    ]
    interval = middle_95(np.concatenate([np.empty(0), *differences]))
    p_value = _swap_test(first, second, human, resamples=resamples, seed=seed)
    return Paired(scores[1] - scores[0], interval, p_value)


def _swap_test(first: Sample, second: Sample, human: Sample, *, resamples: int, seed: int) -> float | None:
    """The share of swaps that part the correlations at least as far, the observed one among them."""
    if resamples < 1:
        return None
    u, v, h = (_standardized(average_ranks(each)) for each in (first, second, human))
    rng = np.random.default_rng(seed)
    observed = abs(_swapped(u, v, h, np.zeros((1, len(h)), np.bool_))[0])
    at_a_time = max(1, DRAWS_AT_A_TIME // len(h))
    as_far = 1
    for done in range(0, resamples, at_a_time):
        swaps = rng.random((min(at_a_time, resamples - done), len(h))) < 0.5
        as_far += int((np.abs(_swapped(u, v, h, swaps)) >= observed - ROUNDING).sum())
    return as_far / (resamples + 1)  # never zero: Phipson & Smyth 2010


def _swapped(u: Sample, v: Sample, h: Sample, swaps: Bool[np.ndarray, "r n"]) -> Float64[np.ndarray, "r"]:
    """Second minus first correlation with h after the swaps; an undefined correlation counts as 0."""
    sides = swaps.astype(np.float64) @ np.stack([v - u, v**2 - u**2, (v - u) * h], axis=1)
    first = np.array([u.sum(), u @ u, u @ h]) + sides
    second = np.array([v.sum(), v @ v, v @ h]) - sides
    return np.asarray(_correlations(second, len(h)) - _correlations(first, len(h)))


def _correlations(sums: Float64[np.ndarray, "r 3"], n: int) -> Float64[np.ndarray, "r"]:
    """Correlations with a standardized side, from the sums of x, x squared and x times that side."""
    variance = sums[:, 1] / n - (sums[:, 0] / n) ** 2
    spread = np.sqrt(np.maximum(variance, 0))
    return np.asarray(np.divide(sums[:, 2] / n, spread, out=np.zeros(len(sums)), where=spread > FLAT))


def _standardized(ranks: Sample) -> Sample:
    centered: Sample = ranks - ranks.mean()
    scaled: Sample = centered / np.sqrt(np.mean(centered**2))
    return scaled


def paired_shares(first: Flags, second: Flags, *, resamples: int, seed: int) -> Paired:
    """The difference of two shares of right answers, with McNemar's exact test (1947).

    >>> both = np.array([True] * 8 + [False] * 2), np.array([True] * 10)
    >>> paired_shares(*both, resamples=0, seed=0).p_value
    0.5
    """
    if not len(first):
        return Paired(None, None, None)
    differences = _share_differences(first, second, resamples=resamples, seed=seed)
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    return Paired(
        (only_second - only_first) / len(first), middle_95(differences), mcnemar(only_first, only_second)
    )


def paired_purity(first: Flags, second: Flags, *, resamples: int, seed: int) -> Paired:
    """The difference of two purities, given which words lie with their own kind.

    Words of one cluster are right or wrong together, so that no exact test holds: the p-value is twice the
    share of resamples, of the smaller side, in which the difference is zero or has the other sign (Efron &
    Tibshirani 1993, chapter 15), the clusters held fixed.
    """
    shares = paired_shares(first, second, resamples=resamples, seed=seed)
    if shares.difference is None or resamples < 1:
        return shares._replace(p_value=None)
    differences = _share_differences(first, second, resamples=resamples, seed=seed)
    smaller = min(int((differences <= ROUNDING).sum()), int((differences >= -ROUNDING).sum()))
    return shares._replace(p_value=min(1.0, 2 * (smaller + 1) / (resamples + 1)))


def _share_differences(first: Flags, second: Flags, *, resamples: int, seed: int) -> Float64[np.ndarray, "r"]:
    """Second minus first share of each resample, which is a multinomial draw of the ways to differ."""
    ways = np.array([(second & ~first).sum(), (first & ~second).sum(), (first == second).sum()])
    drawn = np.random.default_rng(seed).multinomial(len(first), ways / len(first), resamples)
    return (drawn[:, 0] - drawn[:, 1]) / len(first)


def mcnemar(only_first: int, only_second: int) -> float:
    """The two-sided p-value of an even coin that fell so often on each side, in whole numbers.

    >>> mcnemar(1, 9), mcnemar(3, 3)
    (0.021484375, 1.0)
    """
    tosses = only_first + only_second
    tail = ways = 1  # of all falls: as uneven as this or more, and with just so many heads
    for heads in range(min(only_first, only_second)):
        ways = ways * (tosses - heads) // (heads + 1)
        tail += ways
    return min(1.0, float(2 * tail / 2**tosses))
