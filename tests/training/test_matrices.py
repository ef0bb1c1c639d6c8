"""Padded matrices: cache lines, zeros beyond dim, and a cheap check for finite values."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.training.matrices import Matrices, padded


@pytest.mark.parametrize(("dim", "stride"), [(1, 16), (16, 16), (17, 32), (100, 112)])
def test_rows_are_padded_to_cache_lines(dim, stride):
    matrix = padded(5, dim)
    assert matrix.shape == (5, stride)
    assert matrix.dtype == np.float32 and matrix.flags.c_contiguous
    assert matrix.ctypes.data % 64 == 0
    assert not matrix.any()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["center", "context"])
def test_one_value_that_is_not_finite_is_found(name, bad):
    matrices = Matrices.zeros(1_000, 20)
    assert matrices.are_finite()
    getattr(matrices, name)[777, 3] = bad
    assert not matrices.are_finite()


def test_infinities_of_both_signs_do_not_cancel():
    matrices = Matrices.zeros(10, 4)
    matrices.center[0, 0], matrices.center[9, 3] = np.inf, -np.inf
    assert not matrices.are_finite()
