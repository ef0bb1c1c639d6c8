"""Rows copied out of a table: both kernels."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace import kernels


@pytest.mark.parametrize("device", ["reference", "cpu"])
@pytest.mark.parametrize("dim", [0, 1, 16, 17, 64])
@pytest.mark.parametrize("count", [0, 1, 50])
def test_rows_are_copied(device: kernels.Device, dim: int, count: int) -> None:
    rng = np.random.default_rng(dim)
    vectors = rng.standard_normal((9, dim)).astype(np.float32)
    ids = rng.integers(0, 9, count)
    out = np.full((count, dim), 7, np.float32)
    kernels.load("row_gathering", device).gather_rows_(vectors, ids, out)
    np.testing.assert_array_equal(out, vectors[ids])
