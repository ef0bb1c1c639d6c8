"""Counting: the Numba kernel gives exactly what the reference says."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace import kernels
from rowspace.arrays import END

REFERENCE = kernels.load("cooccurrence", "reference")
CPU = kernels.load("cooccurrence", "cpu")


def make_tokens(rows, length, *, seed=0, ends=0.1):
    rng = np.random.default_rng(seed)
    tokens = rng.integers(0, rows, length).astype(np.int32)
    tokens[rng.random(length) < ends] = END
    return tokens


def assert_same(first, second):
    for ours, specified in zip(first, second, strict=True):
        assert ours.dtype == specified.dtype
        np.testing.assert_array_equal(ours, specified)


@pytest.mark.parametrize("seed", [0, 2**64 - 1])
def test_thinning_keeps_the_same_tokens(seed):
    tokens = make_tokens(20, 500)
    keep = np.random.default_rng(1).integers(0, 2**32, 20, dtype=np.uint32)
    ours, specified = (each.thin(tokens, keep, seed=seed, position=10**12) for each in (CPU, REFERENCE))
    np.testing.assert_array_equal(ours, specified)
    assert (ours == END).sum() == (tokens == END).sum() and 0 < len(ours) < len(tokens)


@pytest.mark.parametrize(("rows", "length"), [(1, 5), (7, 0), (7, 100), (300, 50)])
def test_places_are_listed_alike(rows, length):
    tokens = make_tokens(rows, length)
    first, last = length // 4, length - length // 5
    assert_same(*(each.list_places(tokens, rows, first=first, last=last) for each in (CPU, REFERENCE)))


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize(
    ("rows", "length", "window"),
    [(1, 30, 3), (5, 1, 2), (5, 200, 4), (64, 300, 1), (65, 300, 10), (5_000, 400, 30), (3, 20, 200)],
)
def test_rows_are_counted_alike(rows, length, window, symmetric):
    tokens = make_tokens(rows, length)
    starts, places = REFERENCE.list_places(tokens, rows, first=0, last=length)
    units = np.arange(2**40, 2**40 - window, -1).astype(np.uint64)
    counted = [
        each.count_rows(
            tokens, starts, places, units, symmetric=symmetric, first_row=rows // 3, last_row=rows
        )
        for each in (CPU, REFERENCE)
    ]
    assert_same(*counted)
    assert counted[0][0].sum() == len(counted[0][1])


@pytest.mark.parametrize("runs", [1, 2, 8])
def test_runs_are_merged_alike(runs):
    rng = np.random.default_rng(runs)
    cells = rng.random((runs, 6, 130)) < 0.2
    sizes = cells.sum(axis=2)
    ends = np.cumsum(sizes).reshape(runs, 6)
    starts = np.concatenate([ends[:, :1] - sizes[:, :1], ends], axis=1).astype(np.int64)
    columns = np.nonzero(cells)[2].astype(np.int32)
    sums = rng.integers(1, 2**60, len(columns)).astype(np.uint64)
    assert_same(*(each.merge_rows(starts, columns, sums, num_rows=130) for each in (CPU, REFERENCE)))
