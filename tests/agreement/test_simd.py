"""Vectors of sixteen floats: each operation against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from rowspace.kernels.cpu import simd
from rowspace.kernels.cpu.logistic import exp, log

A = np.linspace(-20, 20, 16).astype(np.float32)
B = np.geomspace(0.1, 50, 16).astype(np.float32)


def applied(operation, *arrays):
    """The sixteen lanes of a compiled operation on vectors loaded from arrays."""

    @njit
    def one(out, a):
        simd.store(simd.pointer(out), 0, operation(simd.load(simd.pointer(a), 0)))

    @njit
    def two(out, a, b):
        pair = simd.load(simd.pointer(a), 0), simd.load(simd.pointer(b), 0)
        simd.store(simd.pointer(out), 0, operation(pair[0], pair[1]))

    out = np.full(16, np.nan, np.float32)
    (one if len(arrays) == 1 else two)(out, *arrays)
    return out


@njit
def _fma(x, y):
    return simd.fma(x, y, simd.iota())


@njit
def _clamp(x):
    return simd.clamp(x, np.float32(3.5))


@njit
def _between(x, y):
    return simd.is_between(x, simd.splat(np.float32(-3)), y)


@njit
def _apart_and_together(x):
    return simd.multiply(simd.mantissa(x), simd.power_of_two(simd.exponent(x)))


def wrapped(operation):
    """An intrinsic as a function that can be handed to a compiled one."""

    @njit
    def call(*lanes):
        return operation(*lanes)

    return call


BETWEEN = ((A >= -3) & (A <= B)).astype(np.float32)


@pytest.mark.parametrize(
    ("operation", "arrays", "expected"),
    [
        (wrapped(simd.add), (A, B), A + B),
        (wrapped(simd.subtract), (A, B), A - B),
        (wrapped(simd.multiply), (A, B), A * B),
        (wrapped(simd.divide), (A, B), A / B),
        (_fma, (A, B), A * B + np.arange(16, dtype=np.float32)),
        (wrapped(simd.absolute), (A,), np.abs(A)),
        (wrapped(simd.round_even), (A,), np.rint(A)),
        (_clamp, (A,), np.clip(A, -3.5, 3.5)),
        (_clamp, (np.full(16, np.nan, np.float32),), np.full(16, -3.5)),
        (_between, (A, B), BETWEEN),
        (_apart_and_together, (B,), B),
        (exp, (A,), np.exp(A)),
        (log, (1 + B,), np.log(1 + B)),
    ],
)
def test_lanes(operation, arrays, expected):
    np.testing.assert_allclose(applied(operation, *arrays), expected, rtol=1e-6)


@njit
def _total(a):
    return simd.total(simd.load(simd.pointer(a), 0))


def test_total():
    assert _total(B) == pytest.approx(float(B.sum()), rel=1e-6)


@njit
def _holds(numbers, value):
    return simd.holds(simd.pointer(numbers), 0, value)


def test_bytes_become_floats():
    @njit
    def widen(out, numbers, offset):
        simd.store(simd.pointer(out), 0, simd.load_bytes(simd.pointer(numbers), offset))

    numbers = np.arange(-128, 128, dtype=np.int16).astype(np.int8)
    for offset in (0, 3, 121, 240):
        out = np.empty(16, np.float32)
        widen(out, numbers, offset)
        np.testing.assert_array_equal(out, numbers[offset : offset + 16])


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
