"""Spherical k-means: directions in k groups around mean directions (Dhillon & Modha 2001)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float64, Int64

from rowspace.evaluation.words import Units

MOST_ROUNDS = 100  # it nearly always settles within twenty

Labels = Int64[np.ndarray, "words"]
Centers = Float64[np.ndarray, "k dim"]


class Clustering(NamedTuple):
    """The cluster of each row in [0, k), some maybe empty, and the sum of cosines to the own center."""

    labels: Labels
    objective: float


def cluster(units: Units, k: int, *, restarts: int, seed: int) -> Clustering:
    """The best of several seeded runs by the sum of cosines; it never sees what the words mean.

    `units` are of length one, or zero; k is from one on. Each run starts from k-means++ (Arthur &
    Vassilvitskii 2007) and goes on until no row changes its cluster. Costs rows x k x dim multiply-adds a
    round.

    >>> rows = np.array([[1, 0], [0, 1], [0.8, 0.6], [-0.6, 0.8]])
    >>> labels, objective = cluster(rows, 2, restarts=5, seed=0)
    >>> bool(labels[0] == labels[2]), bool(labels[1] == labels[3]), round(objective, 3)
    (True, True, 3.795)
    """
    generators = np.random.default_rng(seed).spawn(restarts)
    return max(
        (_run(units, _spread_centers(units, k, rng)) for rng in generators), key=lambda run: run.objective
    )


def _spread_centers(units: Units, k: int, rng: np.random.Generator) -> Centers:
    """Draw k rows, each in proportion to its squared distance from the nearest one before."""
    chosen = [int(rng.integers(len(units)))]
    nearest = np.full(len(units), -1.0)
    for _ in range(1, k):
        nearest = np.maximum(nearest, units @ units[chosen[-1]])
        far = np.clip(1 - nearest, 0, None)  # half the squared distance of unit vectors
        far[far < 1e-12] = 0  # the same direction but for rounding
        total = far.sum()
        chosen.append(int(rng.choice(len(units), p=far / total if total > 0 else None)))
    return units[chosen]


def _run(units: Units, centers: Centers) -> Clustering:
    labels = np.full(len(units), -1, np.int64)
    for _ in range(MOST_ROUNDS):
        cosines = units @ centers.T
        before, labels = labels, np.argmax(cosines, axis=1)
        if np.array_equal(before, labels):
            break
        centers = _mean_directions(units, labels, centers)
    return Clustering(labels, float(np.take_along_axis(units @ centers.T, labels[:, None], 1).sum()))


def _mean_directions(units: Units, labels: Labels, centers: Centers) -> Centers:
    """The mean direction of each cluster; an empty one, or one whose rows cancel out, stays as it is."""
    members = labels == np.arange(len(centers))[:, None]
    sums: Centers = members.astype(np.float64) @ units
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.where(lengths > 1e-12, sums / np.maximum(lengths, 1e-12), centers)
