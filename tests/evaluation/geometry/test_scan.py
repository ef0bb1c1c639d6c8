"""One pass over the rows equals NumPy on the whole matrix."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.evaluation.geometry import scan as scan_module
from rowspace.evaluation.geometry.scan import scan_rows
from rowspace.search import exact
from rowspace.search.exact import ExactIndex
from rowspace.stores import DenseStore


def random_rows(rows=70, dim=5):
    return np.random.default_rng(3).standard_normal((rows, dim)).astype(np.float32)


@pytest.mark.parametrize("floats", [1, 37, 1 << 20])
@pytest.mark.parametrize("kernel_from", [0, 1 << 60])
def test_sums_are_numpys_for_every_block_size(monkeypatch, floats, kernel_from):
    monkeypatch.setattr(exact, "FLOATS_IN_BLOCK", floats)
    monkeypatch.setattr(scan_module, "KERNEL_FROM_WORK", kernel_from)
    rows = random_rows()
    rows[4], rows[9, 2], rows[11, 0] = 0, np.nan, -np.inf
    scan = scan_rows(ExactIndex(rows))
    good = np.isfinite(rows).all(axis=1)
    wide = rows[good].astype(float)
    lengths = np.linalg.norm(wide, axis=1)
    np.testing.assert_array_equal(scan.finite, good)
    np.testing.assert_allclose(scan.lengths[good], lengths)
    np.testing.assert_array_equal(scan.lengths[~good], 0)
    np.testing.assert_allclose(scan.largest[good], np.abs(wide).max(axis=1))
    np.testing.assert_allclose(scan.total, wide.sum(axis=0))
    np.testing.assert_allclose(scan.gram, wide.T @ wide)
    units = wide[lengths > 0] / lengths[lengths > 0, None]
    np.testing.assert_allclose(scan.unit_total, units.sum(axis=0))
    assert scan.directed.sum() == 67


def test_fingerprints_tell_rows_apart_by_their_bits():
    rows = random_rows(2000, 3)
    rows[7] = rows[1900]
    prints = scan_rows(ExactIndex(rows)).fingerprints
    assert len(np.unique(prints)) == 1999
    assert prints[7] == prints[1900]


def test_huge_and_tiny_values_keep_their_lengths():
    lengths = scan_rows(ExactIndex(np.array([[3e38, 3e38], [1e-40, 0]], np.float32))).lengths
    assert lengths[0] == pytest.approx(3e38 * np.sqrt(2), rel=1e-6)
    assert lengths[1] == pytest.approx(1e-40, rel=1e-4)


@pytest.mark.parametrize("shape", [(0, 4), (0, 0), (3, 0), (1, 1)])
def test_degenerate_shapes(shape):
    scan = scan_rows(ExactIndex(np.ones(shape, np.float32)))
    assert scan.gram.shape == (shape[1], shape[1])
    assert scan.directed.sum() == (shape == (1, 1))
    assert scan.finite.all()


def test_only_the_rows_of_the_index_are_read():
    class Gathered:
        shape = (10, 3)

        def __init__(self):
            self.read = []

        def gather(self, ids):
            self.read += ids.tolist()
            return np.ones((len(ids), 3), np.float32)

        def pool(self, rows):
            raise NotImplementedError

    store = Gathered()
    assert scan_rows(ExactIndex(store, limit=4)).total.tolist() == [4, 4, 4]
    assert set(store.read) == {0, 1, 2, 3}
    assert scan_rows(ExactIndex(DenseStore(random_rows()), limit=4)).lengths.shape == (4,)
