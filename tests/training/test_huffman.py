"""Huffman tree: optimal, decodable, deterministic, and fast enough for a million rows by construction."""

from __future__ import annotations

import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace.training import huffman


def least_cost(counts):
    """What an optimal code costs: the sum of all joined weights (Huffman 1952), by a heap."""
    heap = [int(count) for count in counts]
    heapq.heapify(heap)
    cost = 0
    while len(heap) > 1:
        joined = heapq.heappop(heap) + heapq.heappop(heap)
        cost += joined
        heapq.heappush(heap, joined)
    return cost


def lengths_of(tree):
    return np.diff(tree.offsets)


def zipf(rows):
    return (1e9 / np.arange(1, rows + 1)).astype(np.int64)


def check(counts):
    """The tree are those of one binary tree over all rows, and no tree costs less."""
    tree = huffman.paths(counts)
    assert tree.nodes.dtype == np.int32 and tree.codes.dtype == np.float32
    assert tree.offsets.dtype == np.int64 and tree.num_nodes == len(counts) - 1
    assert int((lengths_of(tree) * counts).sum()) == least_cost(counts)
    children = {}
    for row in range(len(counts)):
        span = slice(tree.offsets[row], tree.offsets[row + 1])
        below = [*tree.nodes[span].tolist(), f"row {row}"][1:]
        for node, code, child in zip(tree.nodes[span].tolist(), tree.codes[span], below, strict=True):
            assert children.setdefault((node, int(code)), child) == child
        if len(counts) > 1:
            assert tree.nodes[tree.offsets[row]] == tree.num_nodes - 1, "the root comes first"
    assert set(children) == {(node, code) for node in range(tree.num_nodes) for code in (0, 1)}
    return tree


@settings(deadline=None, max_examples=80)
@given(st.lists(st.integers(0, 30) | st.integers(0, 10**12), min_size=1, max_size=60))
def test_the_tree_is_whole_and_optimal(counts):
    check(np.array(counts, np.int64))


@pytest.mark.parametrize(
    "counts",
    [
        zipf(3_000),
        np.ones(1_000, np.int64),
        np.zeros(1_000, np.int64),
        np.repeat([0, 1, 2, 3], 100),
        2 ** np.arange(61),  # as deep as counts can make it
        np.random.default_rng(3).permutation(zipf(500)),
    ],
)
def test_the_tree_is_whole_and_optimal_for_special_counts(counts):
    check(counts.astype(np.int64))


def test_one_row_has_an_empty_path():
    tree = huffman.paths(np.array([7]))
    assert tree.offsets.tolist() == [0, 0] and len(tree.nodes) == len(tree.codes) == 0
    assert tree.num_nodes == 0


def test_no_rows_have_no_paths():
    tree = huffman.paths(np.zeros(0, np.int64))
    assert tree.offsets.tolist() == [0] and len(tree.nodes) == 0 and tree.num_nodes == 0


def test_deep_trees_are_followed_to_the_end():
    tree = huffman.paths(2 ** np.arange(61))
    assert lengths_of(tree).max() == 60


def test_ties_go_to_the_tree_with_the_shortest_longest_path():
    """Counts 2 1 1 2 2: the lengths 2 3 3 2 2, not 2 2 2 3 3 or 1 4 4 3 2."""
    assert lengths_of(huffman.paths(np.array([1, 1, 2, 2, 2]))).tolist() == [3, 3, 2, 2, 2]
    assert lengths_of(huffman.paths(np.array([1, 1, 1, 3]))).max() == 3
    assert lengths_of(huffman.paths(np.array([1, 1, 2, 2]))).tolist() == [2, 2, 2, 2]


def test_later_nodes_are_passed_more_often():
    counts = zipf(300)
    tree = huffman.paths(counts)
    passed = np.zeros(tree.num_nodes, np.int64)
    np.add.at(passed, tree.nodes, np.repeat(counts, lengths_of(tree)))
    assert (np.diff(passed) >= 0).all() and passed[-1] == counts.sum()
