"""Bags pooled in Triton against the reference."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

VECTORS = np.random.default_rng(1).integers(-8, 9, (6, 5)).astype(np.float32)
IDS = np.array([3, 0, 0, 5, 2, 2, 1, 4])
OFFSETS = np.array([0, 0, 3, 4, 8, 8])
NONE = np.ones(0, np.float32)


@pytest.mark.parametrize("coefficients", [NONE, np.arange(8, dtype=np.float32) - 3], ids=["ones", "given"])
def test_sums_agree(gpu, coefficients):
    out = np.full((5, 5), 9, np.float32)
    gpu.assert_agree("bag_pooling", "pool_bags_", VECTORS, IDS, OFFSETS, coefficients, out)


def test_a_bag_of_many_entries_agrees(gpu):
    ids, out = np.random.default_rng(2).integers(0, 6, 600), np.empty((2, 5), np.float32)
    gpu.assert_agree("bag_pooling", "pool_bags_", VECTORS, ids, np.array([0, 100, 600]), NONE, out)


def test_strided_inputs_agree(gpu):
    torch = pytest.importorskip("torch")
    vectors = torch.from_numpy(VECTORS.T.copy()).to(gpu.device).T
    ids = torch.from_numpy(np.repeat(IDS, 2)).to(gpu.device)[::2]
    ones = torch.ones(1, device=gpu.device).expand(8)
    offsets, out = torch.from_numpy(OFFSETS).to(gpu.device), torch.empty(5, 5, device=gpu.device)
    gpu.load("bag_pooling").pool_bags_(vectors, ids, offsets, ones, out)
    expected = [VECTORS[IDS[a:b]].sum(axis=0) for a, b in pairwise(OFFSETS)]
    np.testing.assert_array_equal(out.cpu().numpy(), expected)


def test_maxima_agree_on_ties_and_what_is_not_finite(gpu):
    vectors = VECTORS.copy()
    vectors[0, 1:4] = np.inf, np.nan, -np.inf
    vectors[5] = -np.inf, np.nan, 0, -1, 1
    ids, offsets = np.array([3, 0, 0, 5, 2, 5, 1, 4]), np.array([0, 0, 3, 4, 8, 8])
    out, places = np.full((5, 5), 9, np.float32), np.full((5, 5), 9)
    gpu.assert_agree("bag_pooling", "max_of_bags_", vectors, ids, offsets, out, places)


@pytest.mark.parametrize("dim", [1, 5, 600])
def test_gradients_of_coefficients_agree(gpu, dim):
    rng = np.random.default_rng(dim)
    vectors = rng.integers(-3, 4, (6, dim)).astype(np.float32)
    outputs = rng.integers(-3, 4, (4, dim)).astype(np.float32)
    sources, out = np.array([1, 1, 1, 2, 3, 3, 3, 3]), np.empty(8, np.float32)
    gpu.assert_agree("bag_pooling", "coefficient_gradients_", vectors, IDS, sources, outputs, out)


def test_no_entries_and_no_dimensions_agree(gpu):
    ids, offsets = np.zeros(0, np.int64), np.zeros(3, np.int64)
    for dim in (0, 2):
        vectors, out = np.zeros((0, dim), np.float32), np.ones((2, dim), np.float32)
        gpu.assert_agree("bag_pooling", "pool_bags_", vectors, ids, offsets, NONE, out)
        gpu.assert_agree(
            "bag_pooling", "max_of_bags_", vectors, ids, offsets, out, np.ones((2, dim), np.int64)
        )
        gpu.assert_agree("bag_pooling", "coefficient_gradients_", vectors, ids, ids, out, NONE)
    vectors = np.ones((6, 0), np.float32)
    gpu.assert_agree(
        "bag_pooling", "coefficient_gradients_", vectors, IDS, IDS, vectors, np.ones(8, np.float32)
    )
