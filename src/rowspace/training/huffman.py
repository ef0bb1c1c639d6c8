"""A Huffman tree over the rows: the paths of hierarchical softmax (Morin & Bengio 2005; Mikolov et al. 2013).

A frequent row gets a short path, so that a token costs about as many inner nodes as it has bits of
information.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int32, Int64

from rowspace.arrays import Counts, Offsets

Nodes = Int32[np.ndarray, "n"]
Codes = Float32[np.ndarray, "n"]
Turns = Int64[np.ndarray, "nodes"]


@dataclass(frozen=True, eq=False)
class Paths:
    """Row r's path, root first, is nodes[offsets[r]:offsets[r + 1]], with the turn it takes at each node.

    Inner nodes are counted from 0 in the order in which they were joined: the root is the last, and of
    two nodes the later one is passed at least as often.
    """

    nodes: Nodes  # int32 (n,) inner nodes, in [0, num_nodes)
    codes: Codes  # float32 (n,) the turn: 0 or 1; the label that the node learns is 1 - code, as in word2vec
    offsets: Offsets  # int64 (rows + 1,)

    @property
    def num_nodes(self) -> int:
        """The inner nodes: one fewer than rows."""
        return max(len(self.offsets) - 2, 0)


def paths(counts: Counts) -> Paths:
    """Build an optimal code for `counts`: the sum of count x path length is the least that a tree can have.

    Of all optimal trees it is the one with the shortest longest path (Schwartz 1964), and ties are broken
    by row, so the same counts give the same paths. A row without counts gets a path too; one row alone has
    an empty one. Costs O(rows log rows) time; a million rows of text take about a second and 200 MB.

    >>> tree = paths(np.array([5, 2, 1]))
    >>> tree.nodes.tolist(), tree.codes.tolist(), tree.offsets.tolist()
    ([1, 1, 0, 1, 0], [1.0, 0.0, 1.0, 0.0, 0.0], [0, 1, 3, 5])
    """
    return _paths(_join(counts), len(counts))


def _join(counts: Counts) -> Turns:
    """Join the two lightest again and again. Leaves are 0..rows-1, inner nodes follow in order of making.

    Returns for each but the root 2 * parent + code.

    A round joins all at once that weigh no more than the two lightest together: whatever those joins make
    is at least as heavy, so one pair at a time would take them in the same order. The least weight doubles
    from round to round, so rounds are few.
    """
    rows = len(counts)
    order = np.argsort(counts, kind="stable")
    leaves, leaf = counts[order], 0  # leaves[leaf:] are not joined yet
    weights = np.empty(max(rows - 1, 0), np.int64)  # of the inner nodes, rising
    node, made = 0, 0  # weights[node:made] are not joined yet
    turns = np.empty(max(2 * rows - 2, 0), np.int64)
    while made < rows - 1:
        lightest = np.sort(np.concatenate([leaves[leaf : leaf + 2], weights[node:made][:2]]))
        leaf_end = leaf + int(np.searchsorted(leaves[leaf:], lightest[:2].sum(), side="right"))
        node_end = node + int(np.searchsorted(weights[node:made], lightest[:2].sum(), side="right"))
        light = np.concatenate([leaves[leaf:leaf_end], weights[node:node_end]])
        ids = np.concatenate([order[leaf:leaf_end], np.arange(rows + node, rows + node_end)])
        taken = np.argsort(light, kind="stable")  # a leaf before an inner node of the same weight
        taken = taken[: len(taken) // 2 * 2]
        pairs, num_leaves = len(taken) // 2, int((taken < leaf_end - leaf).sum())
        turns[ids[taken]] = 2 * (rows + made) + np.arange(2 * pairs)
        weights[made : made + pairs] = light[taken].reshape(-1, 2).sum(axis=1)
        leaf, node, made = leaf + num_leaves, node + 2 * pairs - num_leaves, made + pairs
    return turns


def _depths(turns: Turns, rows: int) -> Int64[np.ndarray, "rows"]:
    """The length of each leaf's path: all climb at once, and drop out at the root."""
    depths = np.zeros(rows, np.int64)
    leaves = here = np.arange(rows)
    while len(climbing := np.flatnonzero(here < len(turns))):
        leaves, here = leaves[climbing], turns[here[climbing]] >> 1
        depths[leaves] += 1
    return depths


def _paths(turns: Turns, rows: int) -> Paths:
    """Write down each leaf's way from the root, as it is met on the way up."""
    offsets = np.zeros(rows + 1, np.int64)
    np.cumsum(_depths(turns, rows), out=offsets[1:])
    nodes, codes = np.empty(offsets[-1], np.int32), np.empty(offsets[-1], np.float32)
    places, here = offsets[1:], np.arange(rows)
    while len(climbing := np.flatnonzero(here < len(turns))):
        turn = turns[here[climbing]]
        places, here = places[climbing] - 1, turn >> 1
        nodes[places], codes[places] = here - rows, turn & 1
    return Paths(nodes, codes, offsets)
