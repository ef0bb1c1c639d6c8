"""Rank and linear correlation in float64, as SciPy defines them, and a bootstrap interval."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float64, Int64

Sample = Float64[np.ndarray, "n"]
Interval = tuple[float, float]
ROUNDING = 1e-12  # statistics that differ by less are equal
DRAWS_AT_A_TIME = 1 << 20  # numbers drawn in one batch of resamples: 8 MB


def average_ranks(values: Sample) -> Sample:
    """Ranks from one on; equal values share the mean of their ranks.

    >>> average_ranks(np.array([10.0, 30.0, 20.0, 20.0]))
    array([1. , 4. , 2.5, 2.5])
    """
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Sample = (np.cumsum(sizes) - (sizes - 1) / 2)[group]
    return ranks


def pearson(x: Sample, y: Sample) -> float | None:
    """Pearson's correlation in [-1, 1], or None for fewer than two pairs or a constant side."""
    if len(x) < 2 or x.min() == x.max() or y.min() == y.max():
        return None
    x, y = x / np.abs(x).max(), y / np.abs(y).max()  # huge and tiny scales have squares too
    x, y = x - x.mean(), y - y.mean()
    length = np.sqrt(x @ x) * np.sqrt(y @ y)
    return float(np.clip(x @ y / length, -1, 1)) if length > 0 else None


def spearman(x: Sample, y: Sample) -> float | None:
    """Spearman's rank correlation in [-1, 1], or None as in `pearson`.

    >>> spearman(np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 15.0]))
    0.5
    """
    return pearson(average_ranks(x), average_ranks(y))


def spearman_interval(x: Sample, y: Sample, *, resamples: int, seed: int) -> Interval | None:
    """The 2.5 and 97.5 percentile of Spearman's correlation over resampled pairs (Efron 1979).

    None where the correlation is undefined for the pairs themselves or for half of the resamples, or is the
    same in all of them.
    """
    if spearman(x, y) is None:
        return None
    drawn = draws(len(x), resamples=resamples, seed=seed)
    return middle_95(np.concatenate([np.empty(0), *(resampled_spearman(x, y, each) for each in drawn)]))


def middle_95(scores: Float64[np.ndarray, "r"]) -> Interval | None:
    """The 2.5 and 97.5 percentile of the scores of resamples, of which NaN are left out.

    None where half of them are NaN, or where all are equal, which tells nothing of chance.
    """
    known = scores[np.isfinite(scores)]
    if 2 * len(known) <= len(scores) or known.max() - known.min() < ROUNDING:
        return None
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)


def draws(n: int, *, resamples: int, seed: int) -> Iterator[Int64[np.ndarray, "r n"]]:
    """Resamples of n places, one a line, as many at a time as memory allows."""
    rng = np.random.default_rng(seed)
    at_a_time = max(1, DRAWS_AT_A_TIME // max(n, 1))
    for done in range(0, resamples, at_a_time):
        yield rng.integers(0, n, (min(at_a_time, resamples - done), n))


def resampled_spearman(x: Sample, y: Sample, drawn: Int64[np.ndarray, "r n"]) -> Float64[np.ndarray, "r"]:
    """Spearman's correlation of each resample, NaN where undefined.

    A resample is a count for each pair. Its ranks follow from the counts of equal values, so nothing is
    sorted again: a value's rank is the number of draws below it, plus the middle of its own.
    """
    resamples, n = drawn.shape
    flat = (drawn + n * np.arange(resamples)[:, None]).ravel()
    counts = np.bincount(flat, minlength=resamples * n).reshape(resamples, n).astype(np.float64)
    u, v = _count_ranks(x, counts), _count_ranks(y, counts)
    middle = (n + 1) / 2
    u -= middle
    v -= middle
    products = np.einsum("rn,rn,rn->r", counts, u, v)
    lengths = np.sqrt(np.einsum("rn,rn,rn->r", counts, u, u)) * np.sqrt(
        np.einsum("rn,rn,rn->r", counts, v, v)
    )
    scores: Float64[np.ndarray, "r"] = np.divide(
        products, lengths, out=np.full(resamples, np.nan), where=lengths > 0
    )
    return np.clip(scores, -1, 1, out=scores)


def _count_ranks(values: Sample, counts: Float64[np.ndarray, "r n"]) -> Float64[np.ndarray, "r n"]:
    """The average rank that each value has in each resample, given how often each was drawn."""
    distinct, group = np.unique(values, return_inverse=True)
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(len(distinct)))
    sizes = np.add.reduceat(counts[:, order], starts, axis=1)
    ranks: Float64[np.ndarray, "r n"] = (np.cumsum(sizes, axis=1) - (sizes - 1) / 2)[:, group]
    return ranks
