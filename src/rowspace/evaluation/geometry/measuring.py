"""Measure the geometry of a table."""

from __future__ import annotations

from rowspace.evaluation.geometry.findings import findings_of
from rowspace.evaluation.geometry.health import examine
from rowspace.evaluation.geometry.hubness import measure_hubness
from rowspace.evaluation.geometry.isotropy import measure_isotropy
from rowspace.evaluation.geometry.lengths import measure_lengths
from rowspace.evaluation.geometry.report import GeometryReport
from rowspace.evaluation.geometry.scan import scan_rows
from rowspace.evaluation.geometry.spectrum import component_variances, measure_spectrum
from rowspace.search.exact import ExactIndex, at_least_one
from rowspace.search.neighbors import key_store
from rowspace.table import Table


def geometry(
    table: Table,
    *,
    limit: int | None = None,
    sample: int = 2000,
    k: int = 10,
    seed: int = 0,
    threads: int | None = None,
) -> GeometryReport:
    """Measure how the rows of the first `limit` keys lie (default: all), and name what looks wrong.

    Lengths against frequency, isotropy, spectrum, faulty rows, and hubness among the `k` nearest of
    `sample` queries at most, drawn by `seed`. Everything but hubness is exact. Rows with NaN or infinity are
    counted and left out. Reads the rows a few times, some megabytes at a time: 2 x rows x dim x dim
    multiply-adds, sample x rows x dim for hubness, and 8 dim x dim bytes beyond the table; of a table of
    subwords the vectors of its keys, as a search does. Raises RecipeError for a number below one.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> vectors = rng.standard_normal((200, 16)).astype(np.float32)
    >>> vectors[3] = 0
    >>> report = geometry(Table.from_arrays([f"k{row}" for row in range(200)], vectors))
    >>> report.health.zero.keys, round(report.spectrum.effective_rank)
    (['k3'], 16)
    >>> print(report.findings[0])
    1 row (k3) is zero: ...
    """
    at_least_one(sample, "sample")
    at_least_one(k, "k")
    store = key_store(table)
    index = ExactIndex(store, limit=limit, threads=threads)
    scan = scan_rows(index)
    variances = component_variances(scan)
    counts = None if table.counts is None else table.counts[: index.num_rows]
    parts = (
        examine(table, store, scan),
        measure_lengths(scan.lengths, scan.finite, counts),
        measure_isotropy(scan, (block for _, block in index.blocks()), variances),
        measure_spectrum(scan, variances),
        measure_hubness(index, store, scan, table.keys, k=k, sample=sample, seed=seed),
    )
    return GeometryReport("geometry", index.num_rows, table.dim, *parts, findings=findings_of(*parts))
