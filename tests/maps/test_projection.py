"""The flat projection against NumPy's SVD and by its own promises."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.maps.projection import flatten


def test_two_separate_groups_stay_apart():
    rng = np.random.default_rng(3)
    centers = np.repeat(rng.standard_normal((2, 20)), 10, axis=0) * 5
    points, share = flatten((centers + rng.standard_normal((20, 20)) * 0.1).astype(np.float32))
    gap = np.abs(points[:10, 0].mean() - points[10:, 0].mean())
    assert gap > 10 * points[:10, 0].std()
    assert share > 0.9


@pytest.mark.parametrize("to_length_one", [True, False])
def test_no_two_directions_keep_more_variance(to_length_one):
    vectors = np.random.default_rng(4).standard_normal((30, 6)).astype(np.float32)
    used = vectors.astype(np.float64)
    if to_length_one:
        used /= np.linalg.norm(used, axis=1, keepdims=True)
    sizes = np.linalg.svd(used - used.mean(axis=0), compute_uv=False)
    points, share = flatten(vectors, to_length_one=to_length_one)
    np.testing.assert_allclose(share, (sizes[:2] ** 2).sum() / (sizes**2).sum())
    np.testing.assert_allclose((points**2).sum(), (sizes[:2] ** 2).sum(), rtol=1e-6)


@pytest.mark.parametrize("shape", [(1, 5), (2, 5), (3, 1), (1, 1)])
def test_few_or_equal_or_zero_vectors(shape):
    for vectors in (np.zeros(shape, np.float32), np.ones(shape, np.float32)):
        points, share = flatten(vectors)
        np.testing.assert_allclose(points, np.zeros((shape[0], 2)), atol=1e-12)
        assert share == 1


@pytest.mark.parametrize("scale", [1e-38, 1e38])
def test_huge_and_tiny_numbers(scale):
    vectors = (np.eye(3) * scale).astype(np.float32)
    for to_length_one in (True, False):
        points, share = flatten(vectors, to_length_one=to_length_one)
        assert np.isfinite(points).all()
        np.testing.assert_allclose(share, 1)
