"""Hubness: are a few rows everybody's neighbors?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from rowspace.arrays import RowIds
from rowspace.evaluation.geometry.bands import Members
from rowspace.evaluation.geometry.scan import RowScan
from rowspace.search.exact import ExactIndex
from rowspace.stores import Store

HUBS_NAMED = 10
QUERIES_AT_A_TIME = 1024
FEWEST_TRIPLES = 300  # with fewer, samples of a word table gave from half to 1.6 times its true skewness

Occurrences = Int64[np.ndarray, "rows"]


@dataclass(frozen=True)
class Hub:
    """A key and the share of all queries that have it among their k nearest."""

    key: str
    share: float


@dataclass(frozen=True)
class HubnessReport:
    """How unevenly the rows occur among each other's k nearest."""

    k: int
    queries: int
    candidates: int
    skewness: float | None
    hubs: list[Hub]  # the greatest first


def measure_hubness(
    index: ExactIndex, store: Store, scan: RowScan, keys: Sequence[str], *, k: int, sample: int, seed: int
) -> HubnessReport:
    """Search the k nearest by cosine of `sample` rows at most, drawn from `seed`, and count who occurs.

    Queries are finite rows other than zero; candidates all finite rows of `index`.
    """
    population, candidates = np.flatnonzero(scan.directed), int(scan.finite.sum())
    k = min(k, max(candidates - 1, 0))
    queries = drawn(population, sample, seed)
    if not k or not len(queries):
        return HubnessReport(k, len(queries), candidates, None, [])
    found = np.concatenate(
        [
            neighbors_of(index, store, queries[start : start + QUERIES_AT_A_TIME], k)
            for start in range(0, len(queries), QUERIES_AT_A_TIME)
        ]
    )
    occurrences = np.bincount(found[found >= 0], minlength=index.num_rows)
    greatest = np.lexsort((np.arange(len(occurrences)), -occurrences))[:HUBS_NAMED].tolist()
    return HubnessReport(
        k=k,
        queries=len(queries),
        candidates=candidates,
        skewness=occurrence_skewness(occurrences[scan.finite], len(queries), len(population)),
        hubs=[Hub(keys[row], occurrences[row] / len(queries)) for row in greatest if occurrences[row]],
    )


def drawn(rows: RowIds, sample: int, seed: int) -> Members:
    """`sample` of the rows without repeats, in their order; all of them where there are no more."""
    if len(rows) <= sample:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, sample, replace=False))


def neighbors_of(index: ExactIndex, store: Store, rows: RowIds, k: int) -> Int64[np.ndarray, "queries k"]:
    """The ids of the k rows nearest to each of `rows` without itself, -1 where there are fewer.

    >>> from rowspace.stores import DenseStore
    >>> store = DenseStore(np.array([[1, 0], [1, 1], [0, 1]], np.float32))
    >>> neighbors_of(ExactIndex(store), store, np.array([0, 2]), 1).tolist()
    [[1], [1]]
    """
    hits = index.search(store.gather(rows), k + 1).ids
    own = hits == rows[:, None]
    own[:, -1] |= ~own.any(axis=1)  # so many equal rows come first that the row itself is not among them
    others: Int64[np.ndarray, "queries k"] = hits[~own].reshape(len(rows), -1)
    return others


def occurrence_skewness(occurrences: Occurrences, queries: int, population: int) -> float | None:
    """The skewness of N_k, how many rows have a row among their k nearest (Radovanovic et al. 2010).

    m3 / m2^1.5 with central moments m over all rows: 0 for even occurrence, above 1 for marked hubs.
    Where only some rows were asked, raw occurrences are skewed by chance alone, as rare events are. But
    for q of p rows drawn without repeats, X (X - 1) .. (X - r + 1) has the mean q (q - 1) .. (q - r + 1) /
    (p (p - 1) .. (p - r + 1)) times that of all N_k, so the first three moments of N_k are estimated
    without bias, and the figure does not sink or rise with the sample. None for equal occurrences, and for
    a sample in which fewer than 300 triples of queries agree on a neighbor: it is all chance then.

    >>> occurrence_skewness(np.array([0, 1, 1, 2]), queries=4, population=4)
    0.0
    """
    triples = (occurrences * (occurrences - 1) * (occurrences - 2)).sum() // 6
    if not len(occurrences) or (queries < population and triples < FEWEST_TRIPLES):
        return None
    factorials, product, scale = [], np.ones(len(occurrences)), 1.0
    for step in range(3):
        product = product * (occurrences - step)
        scale *= (population - step) / (queries - step) if queries > step else 1.0
        factorials.append(float(product.mean()) * scale)
    mean, second, third = factorials
    squares, cubes = second + mean, third + 3 * second + mean
    variance = squares - mean**2
    if variance <= 1e-9 * squares:
        return None
    return float((cubes - 3 * mean * squares + 2 * mean**3) / variance**1.5)
