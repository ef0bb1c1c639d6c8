"""Bags of rows: the Numba functions compute what the reference says."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from rowspace import kernels
from rowspace.kernels.cpu import bags as cpu
from rowspace.kernels.cpu.simd import pointer

REFERENCE = kernels.load("bags", "reference")


@njit
def pool_all(matrix, bag_ids, bag_offsets, words, target):
    bags = cpu.Bags(pointer(bag_ids), pointer(bag_offsets))
    for n in range(len(words)):
        cpu.pool_(pointer(matrix), matrix.shape[1], bags, words[n], pointer(target), n * matrix.shape[1])


@njit
def add_all(matrix, bag_ids, bag_offsets, words, moves):
    bags = cpu.Bags(pointer(bag_ids), pointer(bag_offsets))
    for n in range(len(words)):
        cpu.add_to_bag_(pointer(matrix), matrix.shape[1], bags, words[n], pointer(moves), n * matrix.shape[1])


def make_bags(stride):
    """Forty rows, and bags of 0 to 19 of them with repeats."""
    rng = np.random.default_rng(stride)
    sizes = np.arange(20)
    ids = rng.integers(0, 40, sizes.sum()).astype(np.int32)
    matrix = rng.normal(size=(40, stride)).astype(np.float32)
    return matrix, ids, np.concatenate([[0], np.cumsum(sizes)])


@pytest.mark.parametrize("stride", [16, 32, 48, 64, 96, 112, 128, 208, 304])
def test_pooling_gives_the_mean_of_the_rows(stride):
    matrix, ids, offsets = make_bags(stride)
    words = np.array([3, 0, 19, 1, 3], np.int32)
    pooled = np.full((len(words), stride), np.nan, np.float32)
    pool_all(matrix, ids, offsets, words, pooled)
    np.testing.assert_allclose(pooled, REFERENCE.pool(matrix, ids, offsets, words), atol=1e-6)
    np.testing.assert_allclose(pooled[2], matrix[ids[offsets[19] :]].mean(axis=0), atol=1e-6)
    assert not pooled[1].any()  # an empty bag


@pytest.mark.parametrize("stride", [16, 112])
def test_moves_reach_every_row_whole_and_as_often_as_it_is_there(stride):
    matrix, ids, offsets = make_bags(stride)
    words = np.array([7, 0, 15, 7], np.int32)
    moves = np.random.default_rng(1).normal(size=(len(words), stride)).astype(np.float32)
    expected = matrix.copy()
    for word, move in zip(words, moves, strict=True):
        for row in ids[offsets[word] : offsets[word + 1]]:
            expected[row] += move
    added, reference = matrix.copy(), matrix.copy()
    add_all(added, ids, offsets, words, moves)
    REFERENCE.add_to_bags_(reference, ids, offsets, words, moves)
    np.testing.assert_allclose(added, expected, atol=1e-5)
    np.testing.assert_allclose(reference, expected, atol=1e-5)


def test_without_bags_words_are_rows():
    matrix = np.arange(12, dtype=np.float32).reshape(4, 3)
    no_ids, no_offsets = np.empty(0, np.int32), np.empty(0, np.int64)
    words = np.array([2, 0, 2], np.int32)
    pooled = REFERENCE.pool(matrix, no_ids, no_offsets, words)
    np.testing.assert_array_equal(pooled, matrix[[2, 0, 2]])
    REFERENCE.add_to_bags_(matrix, no_ids, no_offsets, words, np.ones((3, 3), np.float32))
    np.testing.assert_array_equal(matrix[:, 0], [1, 3, 8, 9])
