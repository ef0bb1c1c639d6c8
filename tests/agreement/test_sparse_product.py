"""The Numba products of a sparse matrix against the reference."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace import kernels

REFERENCE, CPU = kernels.load("sparse_product", "reference"), kernels.load("sparse_product", "cpu")
ROWS, COLUMNS = 37, 53


def sparse(seed: int, share: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    full = rng.random((ROWS, COLUMNS)) < share
    full[5] = False  # an empty row
    full[6] = share > 0  # a full one
    offsets = np.concatenate([[0], np.cumsum(full.sum(axis=1))])
    columns = np.nonzero(full)[1].astype(np.int32)
    return offsets, columns, rng.standard_normal(len(columns)).astype(np.float32)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5])
@pytest.mark.parametrize("stride", [16, 48, 64, 112, 128])
def test_products_agree(stride: int, share: float) -> None:
    matrix = sparse(stride, share)
    dense = np.random.default_rng(1).standard_normal((COLUMNS, stride)).astype(np.float32)
    products = []
    for module in (REFERENCE, CPU):
        products.append(np.full((ROWS, stride), np.nan, np.float32))
        module.multiply_(*matrix, dense, products[-1])
    np.testing.assert_allclose(products[1], products[0], rtol=1e-4, atol=1e-5)
    assert not products[1][5].any()


@pytest.mark.parametrize(("first", "last"), [(0, 80), (0, 32), (48, 64)])
def test_transposed_products_agree_and_leave_other_columns_alone(first: int, last: int) -> None:
    matrix = sparse(3, 0.3)
    dense = np.random.default_rng(1).standard_normal((ROWS, 80)).astype(np.float32)
    products = []
    for module in (REFERENCE, CPU):
        products.append(np.ones((COLUMNS, 80), np.float32))
        module.add_transposed_(*matrix, dense, products[-1], first, last)
    np.testing.assert_allclose(products[1], products[0], rtol=1e-4, atol=1e-5)
    untouched = np.delete(products[1], np.arange(first, last), axis=1)
    np.testing.assert_array_equal(untouched, 1)


def test_the_reference_is_the_product_of_the_dense_matrix() -> None:
    offsets, columns, values = sparse(4, 0.3)
    full = np.zeros((ROWS, COLUMNS), np.float32)
    full[np.repeat(np.arange(ROWS), np.diff(offsets)), columns] = values
    dense = np.random.default_rng(1).standard_normal((COLUMNS, 16)).astype(np.float32)
    product, transposed = np.zeros((ROWS, 16), np.float32), np.zeros((COLUMNS, 16), np.float32)
    REFERENCE.multiply_(offsets, columns, values, dense, product)
    np.testing.assert_allclose(product, full @ dense, rtol=1e-4, atol=1e-5)
    REFERENCE.add_transposed_(offsets, columns, values, product, transposed, 0, 16)
    np.testing.assert_allclose(transposed, full.T @ product, rtol=1e-4, atol=1e-4)
