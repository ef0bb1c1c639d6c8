"""Randomised factors against the exact ones of NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.formats.cooccurrence_file import Cells
from rowspace.training.counting.factorising import Factors, factorise, num_products
from rowspace.training.counting.sparse_matrix import SparseMatrix


def matrix_of(full: np.ndarray) -> SparseMatrix:
    rows, columns = np.nonzero(full)
    cells = Cells(rows.astype(np.int32), columns.astype(np.int32), full[rows, columns])
    return SparseMatrix.from_cells([cells], rows=full.shape[0], columns=full.shape[1])


def factors_of(full: np.ndarray, rank: int, *, power_iterations: int = 2, threads: int = 1) -> Factors:
    with matrix_of(full) as matrix:
        return factorise(
            matrix,
            rank,
            oversampling=8,
            power_iterations=power_iterations,
            rng=np.random.default_rng(1),
            threads=threads,
            advance=lambda cells: None,
        )


def decaying(rows: int, columns: int, decay: float) -> np.ndarray:
    """A random matrix whose singular values fall like 1, decay, decay ** 2, ..."""
    rng = np.random.default_rng(3)
    side = min(rows, columns)
    left = np.linalg.qr(rng.standard_normal((rows, side)))[0]
    right = np.linalg.qr(rng.standard_normal((columns, side)))[0]
    return ((left * decay ** np.arange(side)) @ right.T).astype(np.float32)


@pytest.mark.parametrize("shape", [(300, 200), (200, 300), (250, 250)])
def test_the_leading_factors_are_the_exact_ones(shape: tuple[int, int]) -> None:
    full = decaying(*shape, 0.8)
    left, values, right = np.linalg.svd(full)
    found = factors_of(full, 6, power_iterations=4)
    np.testing.assert_allclose(found.values, values[:6], rtol=1e-4)
    assert np.abs(np.einsum("ij,ij->j", found.left, left[:, :6])) == pytest.approx(1, abs=1e-3)
    assert np.abs(np.einsum("ij,ji->i", right[:6], found.right)) == pytest.approx(1, abs=1e-3)
    np.testing.assert_allclose(found.left.T @ found.left, np.eye(6), atol=1e-5)
    np.testing.assert_allclose(found.right.T @ found.right, np.eye(6), atol=1e-5)
    best = (left[:, :6] * values[:6]) @ right[:6]
    assert np.linalg.norm(full - (found.left * found.values) @ found.right.T) == pytest.approx(
        np.linalg.norm(full - best), rel=1e-3
    )


def test_power_iterations_come_nearer() -> None:
    full = decaying(400, 400, 0.99)
    errors = [
        np.linalg.norm(full - (found.left * found.values) @ found.right.T)
        for found in (factors_of(full, 20, power_iterations=turns) for turns in (0, 1, 4))
    ]
    assert errors[0] > errors[1] > errors[2]


@pytest.mark.parametrize("rank", [3, 16, 40])
def test_a_matrix_smaller_than_the_rank_is_factorised_exactly(rank: int) -> None:
    full = decaying(12, 9, 0.5)
    found = factors_of(full, rank)
    assert found.left.shape == (12, rank) and found.right.shape == (9, rank) and found.values.shape == (rank,)
    if rank >= 9:
        np.testing.assert_allclose((found.left * found.values) @ found.right.T, full, atol=1e-5)
        assert not found.values[9:].any() and not found.left[:, 9:].any() and not found.right[:, 9:].any()


def test_what_the_matrix_lacks_is_zero_not_noise() -> None:
    full = np.zeros((50, 40), np.float32)
    full[:10, :3] = np.random.default_rng(1).standard_normal((10, 3))
    found = factors_of(full, 8)
    assert (found.values > 0).tolist() == [True] * 3 + [False] * 5
    assert not found.left[:, 3:].any() and not found.right[:, 3:].any() and not found.left[10:].any()
    nothing = factors_of(np.zeros((5, 4), np.float32), 3)
    assert not nothing.values.any() and not nothing.left.any() and nothing.right.shape == (4, 3)


def test_signs_are_fixed_and_threads_change_nothing() -> None:
    full = decaying(300, 200, 0.9)
    first, second = factors_of(full, 8, threads=1), factors_of(full, 8, threads=3)
    for one, other in ((first.left, second.left), (first.right, second.right), (first.values, second.values)):
        np.testing.assert_array_equal(one, other)
    peaks = first.left[np.abs(first.left).argmax(axis=0), np.arange(8)]
    assert (peaks > 0).all()


def test_the_number_of_products_is_as_told() -> None:
    told: list[int] = []
    with matrix_of(decaying(30, 30, 0.9)) as matrix:
        factorise(
            matrix, 4, oversampling=4, power_iterations=3, rng=np.random.default_rng(1), threads=1,
            advance=told.append,
        )  # fmt: skip
        assert sum(told) == num_products(3) * matrix.num_cells
