"""The order of cells: the Numba kernel gives exactly that of the reference, and the order is what it says."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace import kernels

REFERENCE = kernels.load("cell_tiles", "reference")
CPU = kernels.load("cell_tiles", "cpu")


def make_cells(rows, columns, size, *, seed=0):
    rng = np.random.default_rng(seed)
    return (
        rng.integers(0, rows, size).astype(np.int32),
        rng.integers(0, columns, size).astype(np.int32),
        rng.normal(size=size).astype(np.float32),
    )


def assert_same(first, second):
    for ours, specified in zip(first, second, strict=True):
        assert ours.dtype == specified.dtype
        np.testing.assert_array_equal(ours, specified)


@pytest.mark.parametrize(("rows", "stripes", "size"), [(1, 1, 4), (9, 3, 0), (50, 7, 500), (50, 1, 60)])
def test_cells_are_sorted_by_tile_alike(rows, stripes, size):
    cells = make_cells(rows, rows, size)
    axes = [np.sort(np.random.default_rng(k).integers(0, stripes, rows)).astype(np.int32) for k in (1, 2)]
    assert_same(*(each.sort_by_tile(*axes, *cells, num_stripes=stripes) for each in (CPU, REFERENCE)))


@pytest.mark.parametrize(("rows", "columns", "size"), [(1, 1, 1), (4, 4, 0), (3, 90, 200), (90, 3, 200)])
def test_tiles_are_mixed_alike(rows, columns, size):
    cells = make_cells(rows, columns, size)
    assert_same(*(each.mix_tile(*cells, seed=2**63 + 9) for each in (CPU, REFERENCE)))


@pytest.mark.parametrize("module", [CPU, REFERENCE])
def test_a_mixed_tile_has_the_cells_of_one_group_together(module):
    rows, columns, logs = make_cells(90, 3, 200)
    mixed = module.mix_tile(rows, columns, logs, seed=4)
    assert sorted(zip(*mixed, strict=True)) == sorted(zip(rows, columns, logs, strict=True))
    changes = np.count_nonzero(np.diff(mixed[0])) + 1
    assert changes == len(np.unique(rows))  # each row comes in one run
    assert mixed[0].tolist() != sorted(mixed[0].tolist())
