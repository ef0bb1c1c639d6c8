"""Neighbor overlap: do two tables, of two seeds say, give the same keys the same neighbors?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float64, Int64

from rowspace.arrays import RowIds
from rowspace.evaluation.geometry.bands import Members, rank_bands
from rowspace.evaluation.geometry.hubness import QUERIES_AT_A_TIME, drawn, neighbors_of
from rowspace.evaluation.shared_rows import SharedRows, shared_rows
from rowspace.evaluation.shares import check_bootstrap
from rowspace.evaluation.statistics import Interval, draws, middle_95
from rowspace.search.exact import ExactIndex, at_least_one
from rowspace.table import Table

Means = Float64[np.ndarray, "_"]


@dataclass(frozen=True)
class OverlapBand:
    """The mean share of common neighbors of the keys in one band of frequency ranks."""

    ranks: str
    keys: int
    queries: int
    overlap: float
    interval: Interval | None


@dataclass(frozen=True)
class OverlapReport:
    """How far two tables agree on who is near to whom."""

    name: str
    k: int
    shared: int  # keys of both tables whose rows point somewhere in both: queries and candidates
    left_out: int  # keys of both tables with a row that is zero or not finite
    queries: int
    overlap: float | None  # mean of |A and B| / k
    jaccard: float | None  # mean of |A and B| / |A or B|
    interval: Interval | None  # 95 % bootstrap interval of overlap
    chance: float | None  # the overlap of two random orders, k / (shared - 1)
    bands: list[OverlapBand]
    bands_by: str  # "count" in the first table, or its "row" where nobody counted
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON values."""
        fields = asdict(self)
        for part in (fields, *fields["bands"]):
            part["interval"] = list(part["interval"]) if part["interval"] else None
        return fields

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.k} nearest of {self.queries:,} keys among {self.shared:,} shared"]
        if self.overlap is not None:
            lines.append(
                f"  overlap {self.overlap:.3f}{_shown(self.interval)}, jaccard {self.jaccard:.3f}, "
                f"by chance {self.chance:.3f}"
            )
        width = max((len(band.ranks) for band in self.bands), default=0)
        for band in self.bands if len(self.bands) > 1 else ():
            figures = f"{band.overlap:.3f}{_shown(band.interval)}"
            lines.append(f"    by {self.bands_by}  {band.ranks:>{width}}  {figures}")
        return "\n".join(lines + ([f"  {self.note}"] if self.note else []))


class Asked(NamedTuple):
    """The queries of one band of frequency ranks, and what came of them."""

    ranks: str
    keys: int
    common: Int64[np.ndarray, "_"]  # neighbors that both tables give
    resampled: Means  # of the mean of common


def neighbor_overlap(
    first: Table,
    second: Table,
    *,
    k: int = 10,
    limit: int | None = None,
    sample: int = 1000,
    seed: int = 0,
    bootstrap: int = 1000,
    threads: int | None = None,
) -> OverlapReport:
    """Compare the `k` nearest keys of the same keys in two tables (Wendlandt et al. 2018).

    Both search, by cosine, the keys that are among the first `limit` of each and whose rows are finite and
    not zero, so the tables need no alignment, nor the same dim. About `sample` queries are drawn, as many
    from each band of frequency ranks, and weighted by the sizes of the bands; the interval is that of a
    bootstrap over queries. Costs 2 x sample x keys x dim multiply-adds. Raises RecipeError for a number
    out of its range.

    >>> rng = np.random.default_rng(0)
    >>> one = Table.from_arrays([f"k{row}" for row in range(50)], rng.standard_normal((50, 8), np.float32))
    >>> turned = Table.from_arrays(one.keys, one.vectors[:, ::-1].copy())
    >>> report = neighbor_overlap(one, turned, k=5)
    >>> report.overlap, report.jaccard, round(report.chance, 2)
    (1.0, 1.0, 0.1)
    """
    bootstrap = check_bootstrap(bootstrap)
    sample = at_least_one(sample, "sample")
    shared = shared_rows(first, second, limit)
    k = min(at_least_one(k, "k"), max(len(shared) - 1, 0))
    bands = _bands(first, shared) if k else []
    asked = list(_ask(shared, bands, k, sample=sample, seed=seed, bootstrap=bootstrap, threads=threads))
    return _report(asked, shared, k, bands_by="row" if first.counts is None else "count")


def _bands(first: Table, shared: SharedRows) -> list[tuple[str, Members]]:
    """The shared keys, as ids of `shared`, in each band of frequency ranks in the first table."""
    rows, kept = shared.first.rows, np.zeros(len(first), np.bool_)
    kept[rows] = True
    bands = rank_bands(len(first), first.counts, kept)
    return [(ranks, np.searchsorted(rows, np.sort(members))) for ranks, members in bands]


def _ask(
    shared: SharedRows,
    bands: list[tuple[str, Members]],
    k: int,
    *,
    sample: int,
    seed: int,
    bootstrap: int,
    threads: int | None,
) -> Iterator[Asked]:
    """Draw queries from each band, search both tables, and count common neighbors."""
    if not bands:
        return
    queries = [drawn(members, -(-sample // len(bands)), seed) for _, members in bands]
    ends = np.cumsum([len(part) for part in queries])
    common = np.split(_common(shared, np.concatenate(queries), k, threads), ends[:-1])
    for (ranks, members), part in zip(bands, common, strict=True):
        yield Asked(ranks, len(members), part, _resampled_means(part, bootstrap, seed))


def _common(shared: SharedRows, queries: RowIds, k: int, threads: int | None) -> Int64[np.ndarray, "queries"]:
    """How many of the k neighbors of each query the two tables have in common."""
    stores = shared.first, shared.second
    indexes = [ExactIndex(store, threads=threads) for store in stores]
    common = np.zeros(len(queries), np.int64)
    for start in range(0, len(queries), QUERIES_AT_A_TIME):
        part = slice(start, start + QUERIES_AT_A_TIME)
        both = [
            neighbors_of(index, store, queries[part], k) for index, store in zip(indexes, stores, strict=True)
        ]
        together = np.sort(np.concatenate(both, axis=1), axis=1)
        common[part] = (together[:, 1:] == together[:, :-1]).sum(axis=1)
    return common


def _report(asked: Sequence[Asked], shared: SharedRows, k: int, *, bands_by: str) -> OverlapReport:
    means = [float(band.common.mean()) / k for band in asked]
    weights = np.array([band.keys for band in asked]) / max(len(shared), 1)
    jaccards = [float((band.common / (2 * k - band.common)).mean()) for band in asked]
    resampled = sum((w * band.resampled for w, band in zip(weights, asked, strict=True)), np.zeros(1))
    note = f"no overlap: it needs two shared keys with a direction, but there are {len(shared)}"
    return OverlapReport(
        name="neighbor overlap",
        k=k,
        shared=len(shared),
        left_out=shared.left_out,
        queries=sum(len(band.common) for band in asked),
        overlap=float(weights @ means) if asked else None,
        jaccard=float(weights @ jaccards) if asked else None,
        interval=middle_95(resampled / k) if asked else None,
        chance=k / (len(shared) - 1) if k else None,
        bands=[
            OverlapBand(band.ranks, band.keys, len(band.common), mean, middle_95(band.resampled / k))
            for band, mean in zip(asked, means, strict=True)
        ],
        bands_by=bands_by,
        note="" if asked else note,
    )


def _resampled_means(values: Int64[np.ndarray, "queries"], resamples: int, seed: int) -> Means:
    """The mean of each of so many bootstrap resamples of `values` (Efron 1979)."""
    means = (values[places].mean(axis=1) for places in draws(len(values), resamples=resamples, seed=seed))
    return np.concatenate([np.empty(0), *means])


def _shown(interval: Interval | None) -> str:
    return "" if interval is None else f" [{interval[0]:.3f}, {interval[1]:.3f}]"
