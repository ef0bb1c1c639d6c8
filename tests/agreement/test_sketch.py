"""The Numba sketch codes rows as the NumPy one does, and its scan finds the same."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace import kernels
from rowspace.kernels.reference.top_k import COSINE, DOT, EUCLIDEAN

DEVICES = ["reference", "cpu"]
HARD_ROWS = np.array(
    [[0, 0, 0], [1, -2, 3], [np.nan, 1, 2], [np.inf, 0, 0], [1e-38, 0, 1e-44], [1e30, -1e30, 1]],
    np.float32,
)  # fmt: skip


def sketch(device, vectors, width=None):
    codes = np.zeros((len(vectors), width or max(16, vectors.shape[1])), np.int8)
    steps, remainders = np.empty((2, len(vectors)), np.float32)
    kernels.load("sketch", device).sketch_(vectors, codes, steps, remainders)
    return codes, steps, remainders


def random_rows(rows, dim):
    rng = np.random.default_rng(rows + dim)
    return (rng.standard_normal((rows, dim)) * 10.0 ** rng.integers(-12, 12, (rows, 1))).astype(np.float32)


@pytest.mark.parametrize(
    "vectors", [HARD_ROWS, random_rows(200, 100), random_rows(50, 1), random_rows(3, 16)]
)
def test_both_draw_the_same_sketch(vectors):
    expected, expected_steps, expected_lengths = sketch("reference", vectors)
    codes, steps, lengths = sketch("cpu", vectors)
    assert np.abs(codes.astype(int) - expected).max() <= 1  # halves may be rounded either way
    assert np.mean(codes != expected) < 0.001
    np.testing.assert_allclose(steps, expected_steps, rtol=2e-7)
    assert (np.abs(lengths - expected_lengths) <= 1e-4 * steps * np.sqrt(vectors.shape[1])).all()


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("vectors", [HARD_ROWS, random_rows(300, 37)])
def test_codes_times_steps_miss_no_more_than_the_remainder(device, vectors):
    codes, steps, remainders = sketch(device, vectors)
    drawn = codes[:, : vectors.shape[1]] * steps.astype(np.float64)[:, None]
    missed = np.linalg.norm(vectors - drawn, axis=1)
    known = (np.abs(vectors).max(axis=1) < np.inf) & (np.abs(vectors).max(axis=1) >= 1e-30)
    slack = 1e-5 * 127 * steps[known] * np.sqrt(vectors.shape[1])
    assert (missed[known] <= remainders[known] + slack).all()
    assert not codes[~known].any()
    assert not steps[~known].any()
    assert (np.abs(codes[known]).max(axis=1) == 127).all()


def scan(device, vectors, queries, metric, k, *, block=10**9, slack=1e-3):
    """The k best as sorted (value, id) lists, with bounds that are loose but true."""
    codes, steps, remainders = sketch("reference", vectors)
    lengths = np.linalg.norm(queries.astype(np.float64), axis=1)
    norms = np.linalg.norm(vectors.astype(np.float64), axis=1).astype(np.float32)
    longest = lengths.max()
    scale, shift = steps.copy(), remainders * longest + slack
    gain, offset = np.ones(len(queries)), np.zeros(len(queries))
    if metric == COSINE:
        inverse = np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0)
        scale, shift, gain = steps * inverse, remainders * inverse * longest + slack, lengths
    elif metric == EUCLIDEAN:
        scale, shift, offset = steps * 2, slack - norms**2 + 2 * remainders * longest, lengths**2
    with np.errstate(over="ignore"):
        shift = shift.astype(np.float32)
    values = np.full((len(queries), k), -np.inf, np.float32)
    ids = np.full((len(queries), k), -1, np.int64)
    scan_ = kernels.load("sketch", device).scan_
    for start in range(0, len(vectors), block):
        part = slice(start, start + block)
        scan_(
            codes[part], scale[part], shift[part], vectors[part], queries, gain, offset, metric, start,
            values, ids,
        )  # fmt: skip
    return [sorted(zip(-row, found, strict=True)) for row, found in zip(values, ids, strict=True)]


@pytest.mark.parametrize("metric", [DOT, COSINE, EUCLIDEAN])
@pytest.mark.parametrize(
    ("rows", "dim", "queries", "k"), [(3, 2, 1, 5), (300, 33, 5, 7), (4100, 16, 3, 40), (1030, 100, 1, 10)]
)
def test_both_find_the_same(metric, rows, dim, queries, k):
    rng = np.random.default_rng(rows)
    vectors = rng.integers(-3, 4, (rows, dim)).astype(np.float32)
    wanted = rng.integers(-3, 4, (queries, dim)).astype(np.float32)
    assert scan("cpu", vectors, wanted, metric, k) == scan("reference", vectors, wanted, metric, k)


@pytest.mark.parametrize("device", DEVICES)
def test_blocks_and_loose_bounds_do_not_change_the_answer(device):
    rng = np.random.default_rng(1)
    vectors, wanted = rng.standard_normal((500, 10), np.float32), rng.standard_normal((4, 10), np.float32)
    whole = scan(device, vectors, wanted, DOT, 9)
    assert scan(device, vectors, wanted, DOT, 9, block=61) == whole
    assert scan(device, vectors, wanted, DOT, 9, slack=1e9) == whole
    assert scan(device, vectors, wanted, DOT, 9, slack=np.nan) == whole


def test_a_bound_below_the_floor_keeps_a_row_out():
    """The codes are compared first, so a false bound hides even the best row: rows are not read."""
    vectors = np.arange(1, 2001, dtype=np.float32)[:, None]
    found = scan("cpu", vectors, np.ones((1, 1), np.float32), DOT, 2, slack=-1e6)
    assert [row for _, row in found[0]] == [1, 0]
    assert [row for _, row in scan("cpu", vectors, np.ones((1, 1), np.float32), DOT, 2)[0]] == [1999, 1998]


@pytest.mark.parametrize("device", DEVICES)
def test_values_that_overflow_float32_are_no_neighbors(device):
    vectors = np.array([[1e30], [2], [np.nan], [-1e30]], np.float32)
    found = scan(device, vectors, np.array([[1e30]], np.float32), DOT, 3)[0]
    assert [row for _, row in found] == [1, -1, -1]
