"""Given rows come to one size."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.tasks.networks import scaled


def test_rows_are_scaled_to_length_one():
    vectors = np.random.default_rng(1).standard_normal((50, 7)).astype(np.float32) * 30
    lengths = np.linalg.norm(scaled(vectors), axis=1)
    assert np.sqrt((lengths**2).mean()) == pytest.approx(1, rel=1e-5)
    np.testing.assert_array_equal(scaled(np.zeros((2, 3), np.float32)), 0)
