"""A sparse matrix on disk: its products are those of the dense one, the same for any number of threads."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from rowspace.errors import FileAccessError
from rowspace.formats.cooccurrence_file import Cells
from rowspace.training.counting import sparse_matrix
from rowspace.training.counting.sparse_matrix import SparseMatrix

ROWS, COLUMNS = 60, 45


def dense(share: float = 0.2) -> np.ndarray:
    rng = np.random.default_rng(5)
    full = rng.standard_normal((ROWS, COLUMNS)).astype(np.float32) * (rng.random((ROWS, COLUMNS)) < share)
    full[[0, 17, 18, ROWS - 1]] = 0  # empty rows at both ends and within
    return full


def parts_of(full: np.ndarray, rows_a_part: int) -> list[Cells]:
    parts = []
    for first in range(0, len(full), rows_a_part):
        rows, columns = np.nonzero(full[first : first + rows_a_part])
        values = full[first : first + rows_a_part][rows, columns]
        parts.append(Cells((rows + first).astype(np.int32), columns.astype(np.int32), values))
    return parts


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparse_matrix, "BLOCK_CELLS", 50)


@pytest.mark.parametrize("rows_a_part", [1, 7, ROWS])
@pytest.mark.parametrize("threads", [1, 2, 5])
def test_products(threads: int, rows_a_part: int) -> None:
    full = dense()
    right = np.random.default_rng(1).standard_normal((COLUMNS, 48)).astype(np.float32)
    left = np.random.default_rng(2).standard_normal((ROWS, 48)).astype(np.float32)
    with SparseMatrix.from_cells(parts_of(full, rows_a_part), rows=ROWS, columns=COLUMNS) as matrix:
        assert matrix.shape == (ROWS, COLUMNS)
        assert matrix.num_cells == np.count_nonzero(full)
        product = matrix.times(right, threads=threads)
        transposed = matrix.transposed_times(left, threads=threads)
        np.testing.assert_allclose(product, full @ right, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(transposed, full.T @ left, rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(product, matrix.times(right))
        np.testing.assert_array_equal(transposed, matrix.transposed_times(left))


@pytest.mark.parametrize("threads", [1, 3])
def test_progress_is_told_once_a_cell(threads: int) -> None:
    told: list[int] = []
    with SparseMatrix.from_cells(parts_of(dense(), 9), rows=ROWS, columns=COLUMNS) as matrix:
        matrix.times(np.ones((COLUMNS, 48), np.float32), threads=threads, advance=told.append)
        assert sum(told) == matrix.num_cells and len(told) > 3
        told.clear()
        matrix.transposed_times(np.ones((ROWS, 48), np.float32), threads=threads, advance=told.append)
        assert sum(told) == matrix.num_cells


def test_a_matrix_without_cells() -> None:
    with SparseMatrix.from_cells([], rows=3, columns=2) as matrix:
        assert matrix.num_cells == 0
        assert not matrix.times(np.ones((2, 16), np.float32)).any()
        assert not matrix.transposed_times(np.ones((3, 16), np.float32), threads=2).any()


def test_an_error_ends_every_worker_and_frees_the_files() -> None:
    def stop(cells: int) -> None:
        raise KeyboardInterrupt

    before = len(list(Path("/proc/self/fd").iterdir()))
    with SparseMatrix.from_cells(parts_of(dense(), 9), rows=ROWS, columns=COLUMNS) as matrix:
        for product, rows in ((matrix.times, COLUMNS), (matrix.transposed_times, ROWS)):
            with pytest.raises(KeyboardInterrupt):
                product(np.ones((rows, 48), np.float32), threads=2, advance=stop)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_full_disk_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(*_: object) -> int:
        raise OSError(28, "No space left on device")

    before = len(list(Path("/proc/self/fd").iterdir()))
    monkeypatch.setattr(os, "pwrite", no_space)
    with pytest.raises(FileAccessError, match="No space left"):
        SparseMatrix.from_cells(parts_of(dense(), 9), rows=ROWS, columns=COLUMNS)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
