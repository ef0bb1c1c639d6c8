"""The tree of labels as fastText builds it."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.tasks.classification.label_tree import fasttext_tree
from rowspace.training.huffman import paths


@pytest.mark.parametrize("counts", [[5], [3, 3], [4, 3, 2, 1], [7, 7, 7, 7, 7], [100, 50, 3, 1, 1, 1]])
def test_the_code_is_optimal_and_each_path_its_own(counts):
    counts = np.array(counts)
    tree, other = fasttext_tree(counts), paths(counts)
    lengths = np.diff(tree.offsets)
    assert counts @ lengths == counts @ np.diff(other.offsets)
    turns = {
        tuple(zip(tree.nodes[first:last].tolist(), tree.codes[first:last].tolist(), strict=True))
        for first, last in zip(tree.offsets[:-1], tree.offsets[1:], strict=True)
    }
    assert len(turns) == len(counts)
    assert {node for path in turns for node, _ in path} == {*range(len(counts) - 1)}
