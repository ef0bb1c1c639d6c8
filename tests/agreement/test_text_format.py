"""The Numba writer of text rows against the reference, and both against the parser."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace import kernels
from rowspace.arrays import PackedKeys
from rowspace.kernels.reference.text_format import LONGEST_VALUE, format_value


def format_rows(device, vectors, keys: PackedKeys) -> bytes:
    out = np.zeros(len(keys.data) + vectors.size * LONGEST_VALUE + len(vectors), np.uint8)
    filled = kernels.load("text_format", device).format_rows(vectors, np.array(keys.data), keys.offsets, out)
    return out[:filled].tobytes()


def both(vectors) -> list[bytes]:
    keys = PackedKeys.from_strings([f"k{row}" for row in range(len(vectors))])
    expected = format_rows("reference", vectors, keys)
    assert format_rows("cpu", vectors, keys) == expected
    return [token for line in expected.split(b"\n")[:-1] for token in line.split(b" ")[1:]]


@settings(deadline=None, max_examples=300)
@given(st.lists(st.floats(width=32), min_size=1, max_size=8))
def test_values_read_back_the_same(values):
    vectors = np.array([values], np.float32)
    for token, value in zip(both(vectors), vectors[0], strict=True):
        read = np.float64(float(token)).astype(np.float32)
        assert read.view(np.uint32) == value.view(np.uint32) or (np.isnan(read) and np.isnan(value))
        assert len(token) < LONGEST_VALUE
        assert b"." in token or b"e" in token or not np.isfinite(value)


def test_every_kind_of_float32_is_as_short_as_numpy_makes_it():
    bits = np.random.default_rng(0).integers(0, 2**32, 4000, dtype=np.uint32)
    values = np.concatenate(
        [bits, np.arange(50, dtype=np.uint32), 0x7F7FFFFF - np.arange(50, dtype=np.uint32)]
    )
    vectors = values.astype(np.uint32).view(np.float32).reshape(-1, 4)
    vectors = vectors[np.isfinite(vectors).all(axis=1)]

    def digits(token: bytes | str) -> int:
        mantissa = (token.decode() if isinstance(token, bytes) else token).lower().split("e")[0]
        return len(mantissa.lstrip("-").replace(".", "").strip("0"))

    for token, value in zip(both(vectors), vectors.ravel(), strict=True):
        assert digits(token) <= digits(np.format_float_scientific(value)) + 1  # asymmetric powers of two


def test_layout():
    texts = {0.0: b"0.0", 3.0: b"3.0", 0.5: b"0.5", 1e-5: b"0.00001", 1e-6: b"1e-06",
             123456790.0: b"123456790.0", 1e9: b"1e+09", -1.25e-7: b"-1.25e-07", 100.0: b"100.0",
             0.1: b"0.1", 12.5: b"12.5", float("inf"): b"inf", float("-inf"): b"-inf",
             1e-45: b"1e-45"}  # fmt: skip
    assert both(np.array([list(texts)], np.float32)) == list(texts.values())
    assert both(np.array([[np.nan, -0.0]], np.float32)) == [b"nan", b"-0.0"]
    assert format_value(np.float32(9.9999999e8)) == b"1e+09"
