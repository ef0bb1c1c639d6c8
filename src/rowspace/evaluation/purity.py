"""How well clusters agree with categories."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float64, Int64

Labels = Int64[np.ndarray, "words"]
Contingency = Int64[np.ndarray, "clusters categories"]


def contingency(clusters: Labels, categories: Labels) -> Contingency:
    """How many words each cluster, a row, has of each category."""
    table = np.zeros((clusters.max(initial=-1) + 1, categories.max(initial=-1) + 1), np.int64)
    np.add.at(table, (clusters, categories), 1)
    return table


def in_majority(clusters: Labels, categories: Labels) -> Bool[np.ndarray, "words"]:
    """Whether each word's category is the most frequent of its cluster; of equals the first counts.

    Their share is the purity (Manning, Raghavan & Schütze 2008, section 16.3).

    >>> in_majority(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])).mean()
    np.float64(0.75)
    """
    if not len(clusters):
        return np.zeros(0, np.bool_)
    return np.asarray(contingency(clusters, categories).argmax(axis=1)[clusters] == categories)


def mutual_information(clusters: Labels, categories: Labels) -> float | None:
    """Normalized mutual information in [0, 1]: over the mean of both entropies (Vinh et al. 2010).

    None where there is one cluster or one category, so that neither tells anything about the other.

    >>> mutual_information(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]))
    1.0
    """
    if len(np.unique(clusters)) < 2 or len(np.unique(categories)) < 2:
        return None
    joint = contingency(clusters, categories) / len(clusters)
    sides = _entropy(joint.sum(axis=1)), _entropy(joint.sum(axis=0))
    return float(np.clip((sum(sides) - _entropy(joint.ravel())) / (sum(sides) / 2), 0, 1))


def _entropy(shares: Float64[np.ndarray, "n"]) -> float:
    known = shares[shares > 0]
    return float(-(known @ np.log(known)))
