"""The tree of labels that fastText's hierarchical softmax builds, with its ways among equal counts."""

from __future__ import annotations

import numpy as np

from rowspace.kernels.reference.text_classifier import PathCodes, PathNodes
from rowspace.tasks.classification.outputs import LabelCounts
from rowspace.training.huffman import Paths

ENDLESS = 10**15  # fastText's count of a node that is not made yet; labels are as frequent at most


def fasttext_tree(counts: LabelCounts) -> Paths:
    """The path of each label, from its own inner node up to the root; the counts fall.

    Leaves are taken from the end, and a made node before a leaf that is as frequent. fastText learns 1 at
    a right turn, which has the code 0 here.

    >>> tree = fasttext_tree(np.array([5, 2, 1]))
    >>> tree.nodes.tolist(), tree.codes.tolist(), tree.offsets.tolist()
    ([1, 0, 1, 0, 1], [0.0, 0.0, 1.0, 1.0, 1.0], [0, 1, 3, 5])
    """
    labels = len(counts)
    weights = [*counts.tolist(), *[ENDLESS] * max(labels - 1, 0)]
    parent, turn = np.zeros(len(weights), np.int64), np.zeros(len(weights), np.float32)
    leaf, made = labels - 1, labels
    for node in range(labels, len(weights)):
        weights[node] = 0
        for code in (1, 0):  # the lighter goes to the left
            if leaf >= 0 and (made == node or weights[leaf] < weights[made]):
                child, leaf = leaf, leaf - 1
            else:
                child, made = made, made + 1
            parent[child], turn[child] = node, code
            weights[node] += weights[child]
    return _paths(parent, turn, labels)


def _paths(parent: np.ndarray, turn: np.ndarray, labels: int) -> Paths:
    nodes: list[int] = []
    codes: list[float] = []
    offsets = [0]
    for label in range(labels):
        node = label
        while node < len(parent) - 1:
            nodes.append(int(parent[node]) - labels)
            codes.append(float(turn[node]))
            node = int(parent[node])
        offsets.append(len(nodes))
    found: PathNodes = np.array(nodes, np.int32)
    turns: PathCodes = np.array(codes, np.float32)
    return Paths(found, turns, np.array(offsets, np.int64))
