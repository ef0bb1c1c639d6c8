"""The means of the two kernels agree to the bit."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace import kernels


@pytest.mark.parametrize("dim", [1, 7, 16, 100])
@pytest.mark.parametrize("strided", [False, True])
def test_pooled_rows_agree(dim, strided):
    rng = np.random.default_rng(dim)
    wide = rng.standard_normal((500, 128)).astype(np.float32)
    vectors = wide[:, :dim] if strided else np.ascontiguousarray(wide[:, :dim])
    vectors.flags.writeable = strided
    sizes = rng.integers(0, 60, 900)
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    ids = rng.integers(0, 500, offsets[-1])
    means = []
    for device in ("reference", "cpu"):
        out = np.full((900, dim), np.nan, np.float32)
        kernels.load("pooling", device).pool_(vectors, ids, offsets, out)
        means.append(out)
    assert means[0].tobytes() == means[1].tobytes()
    wanted = vectors[ids[offsets[7] : offsets[8]]].astype(np.float64).mean(axis=0)
    np.testing.assert_allclose(means[0][7], wanted, atol=1e-5)
    assert not means[0][sizes == 0].any()
