"""Spectra against a singular value decomposition of the centered rows."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.evaluation.geometry.scan import scan_rows
from rowspace.evaluation.geometry.spectrum import (
    component_variances,
    dims_for,
    effective_rank,
    mean_share,
    measure_spectrum,
    stable_rank,
)
from rowspace.search.exact import ExactIndex


def rows_of(count=80, dim=6):
    scales = np.array([9, 4, 3, 1, 0.1, 0.01])[:dim]
    rng = np.random.default_rng(4)
    return (rng.standard_normal((count, dim)) * scales + 5).astype(np.float32)


def test_figures_are_those_of_the_singular_values():
    rows = rows_of()
    rows[3] = np.inf
    wide = np.delete(rows.astype(float), 3, axis=0)
    singular = np.linalg.svd(wide - wide.mean(axis=0), compute_uv=False)
    scan = scan_rows(ExactIndex(rows))
    variances = component_variances(scan)
    np.testing.assert_allclose(variances, singular**2 / 79, rtol=1e-6)
    report = measure_spectrum(scan, variances)
    shares = singular / singular.sum()
    assert report.effective_rank == pytest.approx(np.exp(-(shares * np.log(shares)).sum()))
    assert report.stable_rank == pytest.approx((singular**2).sum() / singular[0] ** 2)
    assert report.shares == pytest.approx((singular**2 / (singular**2).sum()).tolist())
    assert sum(report.shares[: report.dims_for_90]) >= 0.9 > sum(report.shares[: report.dims_for_90 - 1])
    centred = 1 - (singular**2).sum() / (wide**2).sum()
    assert report.mean_share == pytest.approx(centred)


def test_equal_rows_have_no_spectrum():
    scan = scan_rows(ExactIndex(np.full((50, 7), 0.1, np.float32)))
    variances = component_variances(scan)
    report = measure_spectrum(scan, variances)
    assert not variances.any()
    assert (report.effective_rank, report.stable_rank, report.dims_for_90, report.shares) == (
        None,
        None,
        None,
        [],
    )
    assert report.mean_share == pytest.approx(1)


@pytest.mark.parametrize("shape", [(0, 3), (0, 0), (4, 0), (1, 3)])
def test_degenerate_shapes(shape):
    scan = scan_rows(ExactIndex(np.ones(shape, np.float32)))
    report = measure_spectrum(scan, component_variances(scan))
    assert (report.dim, report.effective_rank) == (shape[1], None)
    assert mean_share(scan) == (pytest.approx(1) if shape == (1, 3) else None)


def test_ranks_of_even_and_single_directions():
    assert effective_rank(np.ones(9)) == pytest.approx(9)
    assert stable_rank(np.ones(9)) == pytest.approx(9)
    assert effective_rank(np.eye(9)[0]) == pytest.approx(1)
    assert stable_rank(np.zeros(2)) is None


def test_dims_for_a_share():
    assert dims_for(np.ones(10), 0.9) == 9
    assert dims_for(np.ones(10), 1.0) == 10
    assert dims_for(np.zeros(3), 0.9) is None
    assert dims_for(np.zeros(0), 0.9) is None
