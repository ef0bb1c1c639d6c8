"""Vectors of sixteen floats: each operation against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from rowspace.kernels.cpu import simd

A = np.linspace(-20, 20, 16).astype(np.float32)
B = np.geomspace(0.1, 50, 16).astype(np.float32)


def result_of(function, *arrays):
    out = np.full(16, np.nan, np.float32)
    function(out, *arrays)
    return out


@njit
def _arithmetic(out, a, b, which):
    x, y = simd.load(simd.pointer(a), 0), simd.load(simd.pointer(b), 0)
    z = x
    if which == 0:
        z = simd.add(x, y)
    elif which == 1:
        z = simd.subtract(x, y)
    elif which == 2:
        z = simd.multiply(x, y)
    elif which == 3:
        z = simd.divide(x, y)
    elif which == 4:
        z = simd.fma(x, y, simd.iota())
    elif which == 5:
        z = simd.absolute(x)
    elif which == 6:
        z = simd.round_even(x)
    elif which == 7:
        z = simd.clamp(x, np.float32(3.5))
    elif which == 8:
        z = simd.is_between(x, simd.splat(np.float32(-3)), y)
    elif which == 9:
        z = simd.multiply(simd.mantissa(y), simd.power_of_two(simd.exponent(y)))
    simd.store(simd.pointer(out), 0, z)


EXPECTED = [
    A + B, A - B, A * B, A / B, A * B + np.arange(16, dtype=np.float32), np.abs(A), np.rint(A),
    np.clip(A, -3.5, 3.5), ((A >= -3) & (A <= B)).astype(np.float32), B,
]  # fmt: skip


@pytest.mark.parametrize("which", range(len(EXPECTED)))
def test_arithmetic(which):
    np.testing.assert_allclose(result_of(_arithmetic, A, B, which), EXPECTED[which], rtol=1e-6)


@njit
def _clamp(out, a):
    simd.store(simd.pointer(out), 0, simd.clamp(simd.load(simd.pointer(a), 0), np.float32(30)))


def test_a_clamped_nan_is_a_number():
    assert result_of(_clamp, np.full(16, np.nan, np.float32)).tolist() == [-30] * 16


@njit
def _total(a):
    return simd.total(simd.load(simd.pointer(a), 0))


def test_total():
    assert _total(B) == pytest.approx(float(B.sum()), rel=1e-6)


@njit
def _holds(numbers, value):
    return simd.holds(simd.pointer(numbers), 0, value)


def test_holds():
    numbers = np.arange(100, 116, dtype=np.int32)
    assert [_holds(numbers, np.int32(value)) for value in (99, 100, 107, 115, 116)] == [
        False,
        True,
        True,
        True,
        False,
    ]


@njit
def _transpose(source, stride, target):
    simd.transpose(simd.pointer(source), 3, stride, simd.pointer(target), 0)


def test_transpose_takes_a_square_out_of_longer_rows():
    source = np.arange(16 * 21, dtype=np.float32).reshape(16, 21)
    target = np.zeros((16, 16), np.float32)
    _transpose(source.reshape(-1), 21, target.reshape(-1))
    np.testing.assert_array_equal(target, source[:, 3:19].T)
