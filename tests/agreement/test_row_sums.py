"""Sums of the gradients of each row: the two kernels and a plain loop."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace import kernels

REFERENCE, CPU = kernels.load("row_sums", "reference"), kernels.load("row_sums", "cpu")
MODULES = pytest.mark.parametrize("module", [REFERENCE, CPU])
DIMS = pytest.mark.parametrize("dim", [0, 1, 3, 16, 17, 64, 100])
NO_COEFFICIENTS = np.empty(0, np.float32)


def grouped(dim: int, sizes: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Starts, sources, coefficients and outputs of rows with so many entries."""
    rng = np.random.default_rng(dim)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    coefficients = rng.standard_normal(starts[-1]).astype(np.float32)
    outputs = rng.standard_normal((23, dim)).astype(np.float32)
    return starts, rng.integers(0, 23, starts[-1]), coefficients, outputs


@DIMS
@MODULES
@pytest.mark.parametrize("sizes", [[], [1], [900], [1, 1, 40, 2, 1, 700, 3]])
@pytest.mark.parametrize("weighted", [False, True])
def test_sums_are_those_of_a_loop(module, dim: int, sizes: list[int], weighted: bool) -> None:
    starts, sources, coefficients, outputs = grouped(dim, sizes)
    factors = coefficients if weighted else np.ones_like(coefficients)
    out = np.full((len(sizes), dim), 7, np.float32)
    module.sum_rows_(starts, sources, coefficients if weighted else NO_COEFFICIENTS, outputs, out)
    for i in range(len(sizes)):
        entries = slice(starts[i], starts[i + 1])
        wanted = factors[entries].astype(np.float64) @ outputs[sources[entries]]
        np.testing.assert_allclose(out[i], wanted, rtol=1e-5, atol=1e-3)


@DIMS
def test_sums_without_coefficients_agree_to_the_bit(dim: int) -> None:
    starts, sources, _, outputs = grouped(dim, [5, 1, 300, 2])
    sums = []
    for module in (REFERENCE, CPU):
        sums.append(np.full((4, dim), 7, np.float32))
        module.sum_rows_(starts, sources, NO_COEFFICIENTS, outputs, sums[-1])
    assert sums[0].tobytes() == sums[1].tobytes()


@MODULES
@pytest.mark.parametrize("dim", [3, 64])
def test_slices_of_rows_give_what_all_of_them_give(module, dim: int) -> None:
    starts, sources, coefficients, outputs = grouped(dim, [5, 1, 300, 2, 8])
    whole, sliced = np.empty((5, dim), np.float32), np.empty((5, dim), np.float32)
    module.sum_rows_(starts, sources, coefficients, outputs, whole)
    for a, b in ((0, 2), (2, 2), (2, 5)):
        module.sum_rows_(starts[a : b + 1], sources, coefficients, outputs, sliced[a:b])
    assert whole.tobytes() == sliced.tobytes()


@MODULES
def test_gradients_that_are_already_summed_come_back(module) -> None:
    outputs = np.random.default_rng(0).standard_normal((9, 20)).astype(np.float32)
    outputs[4, 3], outputs[5, 19] = np.nan, np.inf
    out = np.empty_like(outputs)
    module.sum_rows_(np.arange(10), np.arange(9), NO_COEFFICIENTS, outputs, out)
    np.testing.assert_array_equal(out, outputs)
