"""Rows copied out of a table on the GPU against the reference."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.mark.parametrize("dim", [0, 1, 17])
@pytest.mark.parametrize("count", [0, 5])
def test_gathered_rows_agree(gpu, dim: int, count: int) -> None:
    rng = np.random.default_rng(dim)
    vectors = rng.standard_normal((4, dim)).astype(np.float32)
    out = np.full((count, dim), 7, np.float32)
    gpu.assert_agree("row_gathering", "gather_rows_", vectors, rng.integers(0, 4, count), out)
