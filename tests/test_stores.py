"""The dense store: gathering, pooling, and row ids outside it."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.arrays import Rows
from rowspace.errors import RowIdError, ShapeError
from rowspace.stores import DenseStore


@pytest.fixture
def store():
    return DenseStore(np.arange(12, dtype=np.float32).reshape(4, 3))


def rows_of(*bags):
    ids = np.array([row for bag in bags for row in bag], np.int64)
    return Rows(ids, np.cumsum([0, *map(len, bags)], dtype=np.int64))


def test_the_matrix_is_kept_without_a_copy():
    vectors = np.zeros((2, 3), np.float32)
    assert DenseStore(vectors).vectors is vectors
    assert DenseStore(vectors).shape == (2, 3)


@pytest.mark.unchecked
@pytest.mark.parametrize(
    "vectors",
    [np.zeros(3, np.float32), np.zeros((2, 2)), np.zeros((2, 2), np.int64), np.zeros((1, 1, 1), np.float32)],
)
def test_other_shapes_and_dtypes_are_refused(vectors):
    with pytest.raises(ShapeError, match=f"but got {vectors.ndim}-d {vectors.dtype}"):
        DenseStore(vectors)


def test_gathering_copies_rows_in_order(store):
    gathered = store.gather(np.array([2, 0, 2], np.int64))
    assert gathered.tolist() == [[6, 7, 8], [0, 1, 2], [6, 7, 8]]
    gathered[:] = -1
    assert store.vectors.min() == 0
    assert store.gather(np.zeros(0, np.int64)).shape == (0, 3)


@pytest.mark.parametrize("row", [-1, 4, 2**40, -(2**63)])
def test_row_ids_outside_are_named(store, row):
    message = rf"in \[0, 4\), but position 1 holds {row}"
    with pytest.raises(RowIdError, match=message):
        store.gather(np.array([0, row], np.int64))
    with pytest.raises(IndexError, match=message):
        store.pool(rows_of([0], [row]))
    with pytest.raises(RowIdError, match=message):
        store.pool(rows_of([0, row]))


def test_pooling_takes_the_mean_of_each_bag(store):
    pooled = store.pool(rows_of([], [1], [0, 3], [2, 2, 2], []))
    assert pooled.dtype == np.float32
    assert pooled.tolist() == [[0, 0, 0], [3, 4, 5], [4.5, 5.5, 6.5], [6, 7, 8], [0, 0, 0]]


def test_bags_of_one_are_gathered(store):
    np.testing.assert_array_equal(store.pool(rows_of([3], [1])), store.gather(np.array([3, 1], np.int64)))


def test_no_bags(store):
    assert store.pool(rows_of()).shape == (0, 3)


def test_an_empty_store():
    empty = DenseStore(np.zeros((0, 3), np.float32))
    assert empty.pool(rows_of([], [])).tolist() == [[0, 0, 0], [0, 0, 0]]
    with pytest.raises(RowIdError, match=r"\[0, 0\)"):
        empty.gather(np.array([0], np.int64))


def test_a_mapped_matrix(tmp_path):
    np.save(tmp_path / "vectors.npy", np.eye(3, dtype=np.float32))
    store = DenseStore(np.load(tmp_path / "vectors.npy", mmap_mode="r"))
    assert store.pool(rows_of([0, 1])).tolist() == [[0.5, 0.5, 0]]
