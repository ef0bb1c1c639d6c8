"""How many dimensions do the rows really use?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from rowspace.evaluation.geometry.scan import RowScan

Variances = Float64[np.ndarray, "dim"]

SHOWN = 10  # components whose share is reported
FULL_VARIANCE = 0.9
# Of the mean squared length: below this a variance is what rounding left of a difference of large sums.
ROUNDING = 1e-13


@dataclass(frozen=True)
class SpectrumReport:
    """The spread of the centred rows over their principal components; None where they do not spread."""

    dim: int
    effective_rank: float | None
    stable_rank: float | None
    dims_for_90: int | None  # components that hold 90 % of the variance
    shares: list[float]  # of the variance, for the first ten components
    mean_share: float | None  # of the squared length of all rows, what their common mean holds


def measure_spectrum(scan: RowScan, variances: Variances) -> SpectrumReport:
    """Put the figures of a spectrum together; `variances` are those of `component_variances`."""
    whole = variances.sum()
    shares = variances / whole if whole > 0 else variances[:0]
    return SpectrumReport(
        dim=len(variances),
        effective_rank=effective_rank(np.sqrt(variances)),
        stable_rank=stable_rank(variances),
        dims_for_90=dims_for(variances, FULL_VARIANCE),
        shares=shares[:SHOWN].tolist(),
        mean_share=mean_share(scan),
    )


def component_variances(scan: RowScan) -> Variances:
    """The variance of the finite rows along each principal component, the greatest first.

    The eigenvalues of the covariance matrix; the singular values of the n centred rows are their square
    roots times sqrt(n).
    """
    rows = int(scan.finite.sum())
    if not rows:
        return np.zeros(len(scan.total))
    mean = scan.total / rows
    covariance = scan.gram / rows - np.outer(mean, mean)
    variances: Variances = np.linalg.eigvalsh(covariance)[::-1].copy()
    variances[variances <= ROUNDING * np.trace(scan.gram) / rows] = 0
    return variances


def effective_rank(singular_values: Variances) -> float | None:
    """Take exp of the entropy of the singular values divided by their sum, in [1, dim] (Roy & Vetterli 2007).

    None where all are zero.

    >>> effective_rank(np.array([2.0, 2.0, 0.0]))
    2.0
    """
    positive = singular_values[singular_values > 0]
    if not len(positive):
        return None
    shares = positive / positive.sum()
    return float(np.exp(-(shares @ np.log(shares))))


def stable_rank(variances: Variances) -> float | None:
    """The sum of the squared singular values over the greatest, in [1, dim] (Rudelson & Vershynin 2007).

    >>> stable_rank(np.array([4.0, 1.0, 1.0]))
    1.5
    """
    return float(variances.sum() / variances[0]) if variances.sum() > 0 else None


def dims_for(variances: Variances, share: float) -> int | None:
    """The number of first components that hold `share` of the variance; None where there is none.

    >>> dims_for(np.array([6.0, 3.0, 1.0]), 0.9)
    2
    """
    if not variances.sum() > 0:
        return None
    held = np.cumsum(variances)
    return int(np.searchsorted(held, share * held[-1] * (1 - 1e-12))) + 1


def mean_share(scan: RowScan) -> float | None:
    """Weigh the mean row m: n |m|^2 over the sum of the n squared lengths, in [0, 1].

    That is what centring takes away (the first step of Mu & Viswanath 2018). None if all rows are zero.
    """
    rows, squares = int(scan.finite.sum()), np.trace(scan.gram)
    return float(scan.total @ scan.total / (rows * squares)) if squares > 0 else None
