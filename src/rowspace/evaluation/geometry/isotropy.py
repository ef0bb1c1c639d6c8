"""Isotropy: do the rows point everywhere alike?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64

from rowspace.evaluation.geometry.scan import Gram, RowScan, Sum
from rowspace.evaluation.geometry.spectrum import Variances

Block = Float32[np.ndarray, "_ dim"]
Directions = Float64[np.ndarray, "dim directions"]


@dataclass(frozen=True)
class IsotropyReport:
    """Three answers to one question; None where a figure is undefined."""

    rows: int  # finite and not zero
    mean_cosine: float | None
    partition_ratio: float | None
    iso_score: float | None


def measure_isotropy(scan: RowScan, blocks: Iterable[Block], variances: Variances) -> IsotropyReport:
    """Take all three measures; reads the rows in `blocks` once more."""
    rows = int(scan.directed.sum())
    return IsotropyReport(
        rows=rows,
        mean_cosine=mean_cosine(scan.unit_total, rows),
        partition_ratio=partition_ratio(blocks, scan.gram) if rows else None,
        iso_score=iso_score(variances),
    )


def mean_cosine(unit_total: Sum, rows: int) -> float | None:
    """The mean cosine of all pairs of two different rows, from the sum s of the n unit rows.

    The cosines of all ordered pairs, those of a row with itself among them, sum up to s.s, so the mean is
    (s.s - n) / (n (n - 1)): exact, and no pair need be drawn. 0 for rows that point everywhere alike;
    Ethayarajh (2019) calls it anisotropy. None for fewer than two rows.

    >>> mean_cosine(np.array([1.0, 1.0]), rows=2)  # two rows at right angles
    0.0
    """
    if rows < 2:
        return None
    return float((unit_total @ unit_total - rows) / (rows * (rows - 1)))


def partition_ratio(blocks: Iterable[Block], gram: Gram) -> float | None:
    """I(W) = min Z(c) / max Z(c), where Z(c) is the sum of exp(c.w) over the rows w, in [0, 1].

    c runs through the eigenvectors of W.T W = `gram` (Mu & Viswanath 2018, after Arora et al. 2016), and
    through their opposites: an eigenvector has no sign of its own, and the figure should not hang on a
    solver's choice. 1 for perfectly isotropic rows. It depends on the scale of the rows: the longer they
    are, the smaller it is. Rows with NaN or infinity are left out; None at dim 0.

    >>> rows = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]], np.float32)
    >>> partition_ratio([rows], rows.T.astype(float) @ rows)
    1.0
    """
    if not len(gram):
        return None
    logs = log_partitions(blocks, np.linalg.eigh(gram)[1])
    return float(np.exp(logs.min() - logs.max()))


def log_partitions(blocks: Iterable[Block], directions: Directions) -> Float64[np.ndarray, "2 directions"]:
    """Sum up log Z(c) and log Z(-c) of each column c.

    The greatest term is taken out of each sum, so that long rows do not overflow.
    """
    sums = np.zeros((2, directions.shape[1]))
    greatest = np.full_like(sums, -np.inf)
    for block in blocks:
        rows = block[np.isfinite(block).all(axis=1)].astype(np.float64)
        if not len(rows):
            continue
        products = rows @ directions
        raised = np.maximum(greatest, [products.max(axis=0), -products.min(axis=0)])
        terms = [
            np.exp(sign * products - most).sum(axis=0) for sign, most in zip((1, -1), raised, strict=True)
        ]
        sums = sums * np.exp(greatest - raised) + terms
        greatest = raised
    logs: Float64[np.ndarray, "2 directions"] = np.log(sums) + greatest
    return logs


def iso_score(variances: Variances) -> float | None:
    """IsoScore of the variances along the principal components, in [0, 1] (Rudman et al. 2022).

    With the variances v scaled to length sqrt(n), the defect d = |v - 1| / sqrt(2 (n - sqrt(n))) gives
    phi = (n - d^2 (n - sqrt(n)))^2 / n^2, the share of dimensions used evenly, and (n phi - 1) / (n - 1)
    the score: 1 for equal variances, 0 for a line. None for fewer than two dimensions or no variance.

    >>> iso_score(np.ones(8)), round(iso_score(np.eye(8)[0]), 12)
    (1.0, 0.0)
    """
    n = len(variances)
    if n < 2 or variances.max() <= 0:
        return None
    even = variances / np.linalg.norm(variances) * np.sqrt(n)
    spare = n - np.sqrt(n)
    defect = np.linalg.norm(even - 1) / np.sqrt(2 * spare)
    phi = (n - defect**2 * spare) ** 2 / n**2
    return float(np.clip((n * phi - 1) / (n - 1), 0, 1))
