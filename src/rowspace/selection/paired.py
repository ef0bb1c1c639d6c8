"""Paired comparison of two columns of scores: is the mean of their differences other than zero?"""

from __future__ import annotations

import math
from itertools import product

import numpy as np
from jaxtyping import Float64, Int64

Sample = Float64[np.ndarray, "n"]
EXACT_UP_TO = 14  # differences; 2 ** 14 assignments of signs are looked at one by one
DRAWS_AT_A_TIME = 1 << 20  # numbers drawn in one batch: 8 MB


def sign_flip(differences: Sample, *, draws: int = 10_000, seed: int = 0) -> float:
    """The chance that signs drawn by lot give a mean as far from zero (Fisher 1935), two-sided.

    If two variants did not differ, each difference could as well have had the other sign. Up to
    EXACT_UP_TO differences that are not zero all 2 ** n assignments are counted; above, `draws` random ones
    and the observed one. n differences cannot give less than 2 / 2 ** n; none, or only zeros, give 1.

    >>> sign_flip(np.array([0.1, 0.2, 0.1, 0.3]))
    0.125
    """
    largest = np.abs(differences).max(initial=0)
    if largest == 0:
        return 1.0
    sizes = np.round(np.abs(differences) / largest, 12)  # the same score computed twice may differ by an ulp
    observed = abs(float(np.sign(differences) @ sizes)) - 1e-9 * len(sizes)
    sizes = sizes[sizes > 0]
    if len(sizes) <= EXACT_UP_TO:
        signs = np.array([*product((-1.0, 1.0), repeat=len(sizes))])
        return float(np.mean(np.abs(signs @ sizes) >= observed))
    distinct, counts = np.unique(sizes, return_counts=True)
    as_far = np.abs(_flipped_sums(distinct, counts, draws, np.random.default_rng(seed))) >= observed
    return (1 + int(as_far.sum())) / (1 + draws)


def mean_interval(sample: Sample) -> tuple[float, float] | None:
    """The 95 % interval of the mean of few, roughly normal values, after Student; None for fewer than two.

    >>> low, high = mean_interval(np.array([1.0, 2.0, 3.0]))
    >>> round(low, 3), round(high, 3)
    (-0.484, 4.484)
    """
    if len(sample) < 2:
        return None
    mean, error = float(sample.mean()), float(sample.std(ddof=1)) / math.sqrt(len(sample))
    reach = _student_quantile(len(sample) - 1) * error
    return mean - reach, mean + reach


def bootstrap_interval(
    differences: Sample, *, draws: int = 1000, seed: int = 0
) -> tuple[float, float] | None:
    """The 2.5 and 97.5 percentile of the mean over resamples (Efron 1979); None for fewer than two values."""
    if len(differences) < 2:
        return None
    distinct, counts = np.unique(differences, return_counts=True)
    rng, chances = np.random.default_rng(seed), counts / len(differences)
    means = [
        rng.multinomial(len(differences), chances, size) @ distinct / len(differences)
        for size in _batches(draws, len(distinct))
    ]
    low, high = np.percentile(np.concatenate(means), [2.5, 97.5])
    return float(low), float(high)


def _flipped_sums(
    sizes: Float64[np.ndarray, "m"], counts: Int64[np.ndarray, "m"], draws: int, rng: np.random.Generator
) -> Float64[np.ndarray, "draws"]:
    """Sums with signs drawn by lot: of c equal sizes a binomial number is positive."""
    sums = [
        (2.0 * rng.binomial(counts, 0.5, (size, len(counts))) - counts) @ sizes
        for size in _batches(draws, len(counts))
    ]
    return np.concatenate(sums)


def _batches(draws: int, numbers_a_draw: int) -> list[int]:
    """How many draws to make at a time."""
    most = max(1, DRAWS_AT_A_TIME // numbers_a_draw)
    return [min(most, draws - done) for done in range(0, draws, most)]


def _student_quantile(freedom: int) -> float:
    """Where Student's distribution has 97.5 % of its mass to the left, by bisection."""
    low, high = 1.9, 13.0
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if _student_within(middle, freedom) < 0.95 else (low, middle)
    return low


def _student_within(t: float, freedom: int) -> float:
    """The mass of Student's distribution between -t and t (Abramowitz & Stegun 1964, 26.7.3 and 26.7.4)."""
    angle = math.atan(t / math.sqrt(freedom))
    term, total = (math.cos(angle), 0.0) if freedom % 2 else (1.0, 0.0)
    for power in range(1 + freedom % 2, freedom, 2):
        total += term
        term *= math.cos(angle) ** 2 * power / (power + 1)
    within = math.sin(angle) * total
    return 2 / math.pi * (angle + within) if freedom % 2 else within
