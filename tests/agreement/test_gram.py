"""The Numba products of a tall matrix against the reference."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace import kernels

REFERENCE, CPU = kernels.load("gram", "reference"), kernels.load("gram", "cpu")


@pytest.mark.parametrize("rows", [0, 1, 3, 4, 41])
@pytest.mark.parametrize("stride", [16, 48, 128])
def test_column_products_agree(rows: int, stride: int) -> None:
    vectors = np.random.default_rng(rows).standard_normal((rows, stride)).astype(np.float32)
    products = CPU.column_products(vectors)
    assert products.dtype == np.float64
    np.testing.assert_allclose(products, REFERENCE.column_products(vectors), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("rows", [0, 1, 3, 4, 41])
@pytest.mark.parametrize("stride", [16, 48, 128])
def test_turns_agree(rows: int, stride: int) -> None:
    rng = np.random.default_rng(rows)
    vectors = rng.standard_normal((rows, stride)).astype(np.float32)
    turn = rng.standard_normal((stride, stride)).astype(np.float32)
    turned, wanted = vectors.copy(), vectors.copy()
    CPU.turn_(turned, turn)
    REFERENCE.turn_(wanted, turn)
    np.testing.assert_allclose(turned, wanted, rtol=1e-4, atol=1e-4)
