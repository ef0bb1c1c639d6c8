"""Dot products of rows against NumPy, and the vectors that go with them."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from rowspace.kernels.cpu.dots import (
    dots_4_by_4,
    dots_16_by_1,
    each_four_times,
    four_times_all,
    store_quarters,
)
from rowspace.kernels.cpu.simd import load, pointer, store


@njit
def four_by_four(left, left_places, right, right_places, out):
    pointers = pointer(left), pointer(left_places), pointer(right), pointer(right_places)
    store(pointer(out), 0, dots_4_by_4(*pointers, left.shape[1]))


@njit
def sixteen_by_one(left, left_places, right, right_places, out):
    pointers = pointer(left), pointer(left_places), pointer(right), pointer(right_places)
    store(pointer(out), 0, dots_16_by_1(*pointers, left.shape[1]))


@njit
def lay_out(four, each, whole):
    store(pointer(each), 0, each_four_times(pointer(four), 1))
    store(pointer(whole), 0, four_times_all(pointer(four), 1))


@njit
def quarters(vector, out, step):
    store_quarters(pointer(out), 2, step, load(pointer(vector), 0))


@pytest.mark.parametrize("stride", [16, 48, 112])
@pytest.mark.parametrize(("product", "sizes"), [(four_by_four, (4, 4)), (sixteen_by_one, (16, 1))])
def test_each_lane_is_one_dot_product(product, sizes, stride):
    rng = np.random.default_rng(stride)
    left, right = (rng.standard_normal((20, stride)).astype(np.float32) for _ in range(2))
    rows, columns = (rng.permutation(20)[:size] for size in sizes)
    out = np.empty(16, np.float32)
    product(left, rows * stride, right, columns * stride, out)
    np.testing.assert_allclose(out.reshape(sizes), left[rows] @ right[columns].T, atol=1e-5)


def test_four_floats_are_laid_out_both_ways():
    four = np.arange(9, 15, dtype=np.float32)
    each, whole = np.empty(16, np.float32), np.empty(16, np.float32)
    lay_out(four, each, whole)
    assert each.tolist() == np.repeat(four[1:5], 4).tolist()
    assert whole.tolist() == np.tile(four[1:5], 4).tolist()


def test_quarters_go_to_rows_and_nowhere_else():
    out = np.full(40, -1, np.float32)
    quarters(np.arange(16, dtype=np.float32), out, 10)
    expected = np.full(40, -1)
    for i in range(4):
        expected[2 + 10 * i : 6 + 10 * i] = np.arange(4 * i, 4 * i + 4)
    assert out.tolist() == expected.tolist()
