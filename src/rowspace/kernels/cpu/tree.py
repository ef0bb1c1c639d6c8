"""The inner nodes of hierarchical softmax as kernels meet them: a token's path, and the busiest nodes.

Every token of every thread passes the nodes near the root. Threads that add to the same cache lines
would spend their time on handing those lines to each other, so each call has copies of the busiest nodes,
moves those, and from time to time adds to the shared rows what its copies have moved since.

Nodes are named by their place as seen from the shared rows: row * stride, or for a copy the distance to
it, so that a path is one list of places whatever its nodes are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from rowspace.kernels.cpu.simd import LANES, Pointer, add, load, prefetch, store, subtract
from rowspace.kernels.reference.skipgram_hierarchical import TURNS

HOT = 32  # nodes with copies: five levels of the tree
AHEAD = 2  # tokens from asking for a path to its use


class Tree(NamedTuple):
    """The paths, the tokens that follow them, the shared node rows, and copies of the last HOT of these."""

    nodes: Pointer  # int32
    codes: Pointer
    offsets: Pointer  # int64
    words: Pointer  # of the kept tokens
    size: int  # tokens
    rows: Pointer  # (nodes, stride)
    stride: int
    num_nodes: int
    first_hot: int  # nodes from here on have copies; the later node is passed at least as often
    copies: Pointer  # (HOT, stride) as they move
    taken: Pointer  # (HOT, stride) as they were taken
    distance: int  # from `rows` to `copies`, in floats
    learns: bool  # whether rows are written to


class Path(NamedTuple):
    """The nodes of one word."""

    places: Pointer  # (128,) where they lie
    signs: Pointer  # (128,) what they should answer: 1 or -1
    counts: Pointer  # (128,) 1, or 0 for padding


@njit(nogil=True, cache=True)
def open_path_(tree: Tree, token: int, path: Path, tile: int) -> int:
    """List the nodes of a token, padded to a multiple of `tile` by nodes that count 0; return their number.

    Tokens come in order. Now and then the copies are exchanged first.
    """
    if token % TURNS == 0:
        close_tree_(tree)
        _take_copies(tree)
    if token + AHEAD < tree.size:
        _fetch(tree, int(tree.words[token + AHEAD]))
    first = tree.offsets[int(tree.words[token])]
    length = tree.offsets[int(tree.words[token]) + 1] - first
    for n in range(length):
        node = int(tree.nodes[first + n])
        hot = node >= tree.first_hot
        path.places[n] = tree.distance + (node - tree.first_hot) * tree.stride if hot else node * tree.stride
        path.signs[n] = np.float32(1) - np.float32(2) * tree.codes[first + n]
        path.counts[n] = np.float32(1)
    for n in range(length, (length + tile - 1) // tile * tile):
        path.places[n] = path.places[length - 1]
        path.signs[n] = np.float32(1)
        path.counts[n] = np.float32(0)
    return length


@njit(nogil=True, cache=True)
def close_tree_(tree: Tree) -> None:
    """Add what the copies have moved to the shared rows."""
    if tree.learns:
        first = tree.first_hot * tree.stride
        for place in range(0, tree.num_nodes * tree.stride - first, LANES):
            moved = subtract(load(tree.copies, place), load(tree.taken, place))
            store(tree.rows, first + place, add(load(tree.rows, first + place), moved))


@njit(nogil=True, cache=True)
def _take_copies(tree: Tree) -> None:
    """Copy the busiest nodes as they are now."""
    first = tree.first_hot * tree.stride
    for place in range(0, tree.num_nodes * tree.stride - first, LANES):
        row = load(tree.rows, first + place)
        store(tree.copies, place, row)
        store(tree.taken, place, row)


@njit(nogil=True, cache=True)
def _fetch(tree: Tree, word: int) -> None:
    """Ask for the nodes of a word that have no copy."""
    for n in range(tree.offsets[word], tree.offsets[word + 1]):
        node = int(tree.nodes[n])
        if node < tree.first_hot:
            for line in range(0, tree.stride, LANES):
                prefetch(tree.rows, node * tree.stride + line)
