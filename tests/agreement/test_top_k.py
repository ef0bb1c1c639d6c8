"""The Numba scan finds what the NumPy scan finds, and both keep what they found before."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace import kernels
from rowspace.kernels.reference.top_k import COSINE, DOT, EUCLIDEAN

DEVICES = ["reference", "cpu"]


def scan(device, vectors, queries, metric, k, *, block=10**9, slack=1e-3):
    """The k best as sorted (value, id) lists, with bounds that are loose but true."""
    lengths = np.linalg.norm(queries.astype(np.float64), axis=1)
    norms = np.linalg.norm(vectors.astype(np.float64), axis=1).astype(np.float32)
    scale, shift = np.ones_like(norms), np.full_like(norms, slack)
    gain, offset = np.ones(len(queries)), np.zeros(len(queries))
    if metric == COSINE:
        scale, gain = np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0), lengths
    elif metric == EUCLIDEAN:
        scale, shift, offset = scale * 2, slack - norms**2, lengths**2
    values = np.full((len(queries), k), -np.inf, np.float32)
    ids = np.full((len(queries), k), -1, np.int64)
    scan_ = kernels.load("top_k", device).scan_
    for start in range(0, len(vectors), block):
        part = slice(start, start + block)
        scan_(vectors[part], scale[part], shift[part], queries, gain, offset, metric, start, values, ids)
    return [sorted(zip(-row, found, strict=True)) for row, found in zip(values, ids, strict=True)]


@pytest.mark.parametrize("metric", [DOT, COSINE, EUCLIDEAN])
@pytest.mark.parametrize(
    ("rows", "dim", "queries", "k"), [(3, 2, 1, 5), (300, 33, 65, 7), (1030, 8, 130, 40)]
)
def test_both_find_the_same(metric, rows, dim, queries, k):
    rng = np.random.default_rng(rows)
    vectors = rng.integers(-3, 4, (rows, dim)).astype(np.float32)
    wanted = rng.integers(-3, 4, (queries, dim)).astype(np.float32)
    assert scan("cpu", vectors, wanted, metric, k) == scan("reference", vectors, wanted, metric, k)


@pytest.mark.parametrize("device", DEVICES)
def test_blocks_and_loose_bounds_do_not_change_the_answer(device):
    rng = np.random.default_rng(1)
    vectors, wanted = rng.standard_normal((500, 10), np.float32), rng.standard_normal((70, 10), np.float32)
    whole = scan(device, vectors, wanted, DOT, 9)
    assert scan(device, vectors, wanted, DOT, 9, block=61) == whole
    assert scan(device, vectors, wanted, DOT, 9, slack=1e9) == whole
    assert scan(device, vectors, wanted, DOT, 9, slack=np.nan) == whole


@pytest.mark.parametrize("device", DEVICES)
def test_a_bound_below_the_floor_keeps_a_row_out(device):
    """Bounds are compared first, so a false one hides even the best row: that is what makes a scan fast."""
    vectors = np.arange(2000, dtype=np.float32)[:, None]
    found = scan(device, vectors, np.ones((1, 1), np.float32), DOT, 2, slack=-1e6)
    assert all(0 <= row < 1000 for _, row in found[0])


@pytest.mark.parametrize("device", DEVICES)
def test_values_that_overflow_float32_are_no_neighbors(device):
    vectors = np.array([[1e30], [2], [np.nan], [-1e30]], np.float32)
    found = scan(device, vectors, np.array([[1e30]], np.float32), DOT, 3)[0]
    assert [row for _, row in found] == [1, -1, -1]
