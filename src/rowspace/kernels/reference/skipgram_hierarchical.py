"""Skip-gram with hierarchical softmax (Morin & Bengio 2005; Mikolov et al. 2013), token by token.

Words are the leaves of a binary tree, and each inner node holds a row. The chance of a word is the product
of the chances of the turns on its path, p(code 0 at node n) = s(n.x), s the logistic function: they sum to
one over all words, with no sampling. A token is predicted from each of its neighbours, x being the
neighbour's vector; word2vec.c does the same.

A token meets its neighbours in groups, all of them at once for window 5: all gradients of a meeting are
taken at the same point, then the nodes and the neighbours move. The pairs of a group count 6 or so
together, so a node, even the root that every pair passes, moves by one small step at a time whatever the
window. word2vec.c shrinks each window at random; here a pair at distance d has the weight
(window + 1 - d) / window, the chance that it would be used, or 1 where the window is fixed.

The vector of a word is copied when the word enters the window and moves there; when the word stands in the
window no more, what the copy has moved is added to the word's rows. Every T = 32 tokens all copies are
added back and taken anew, so that none grows old. Nothing random is drawn but which tokens are kept; that
depends on (seed, position) alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float32, Float64, Int32, Int64, UInt32

from rowspace.arrays import Stream, Vector, Vectors
from rowspace.kernels.reference.bags import BagIds, BagOffsets, add_to_bags_, pool
from rowspace.kernels.reference.skipgram import LARGEST_LOGIT, keep_tokens

PAIRS_AT_ONCE = 6  # their weight in one meeting, on average over the groups; window 5 has as much
MOST_AT_ONCE = 16  # neighbours in one meeting, at most
TURNS = 32  # tokens from one exchange of copies to the next
MOST_NODES = 128  # on a path: counts below 2**63 and rows below 2**31 cannot make a Huffman tree deeper

PathNodes = Int32[np.ndarray, "n"]  # word w's path, root first, is path_nodes[offsets[w]:offsets[w + 1]]
PathCodes = Float32[np.ndarray, "n"]  # the turn at each node: 0 or 1
PathOffsets = Int64[np.ndarray, "words_plus_1"]


def group_size(window: int, *, fixed_window: bool) -> int:
    """The neighbours of a group.

    >>> [group_size(window, fixed_window=False) for window in (1, 5, 6, 10, 15)]
    [2, 10, 6, 10, 10]
    """
    weight = 2 * window if fixed_window else window + 1
    return -(-2 * window // -(-weight // PAIRS_AT_ONCE))


@dataclass(frozen=True)
class Copies:
    """The vectors of the words in the window, as they move and as they were taken."""

    center: Vectors
    bag_ids: BagIds
    bag_offsets: BagOffsets
    words: Int32[np.ndarray, "kept"]
    window: int
    moving: dict[int, Vector] = field(default_factory=dict)
    taken: dict[int, Vector] = field(default_factory=dict)

    def slide_(self, token: int) -> None:
        """Let the window stand at a token: the new word enters, then the old one leaves."""
        inside = self.words[max(token - self.window, 0) : token + self.window + 1].tolist()
        self.enter_(inside)
        self.leave_([word for word in self.moving if word not in inside])
        if token % TURNS == 0:
            self.leave_(list(self.moving))
            self.enter_(inside)

    def enter_(self, words: list[int]) -> None:
        """Copy the vectors of those words that have no copy."""
        for word in words:
            if word not in self.moving:
                vector = pool(self.center, self.bag_ids, self.bag_offsets, np.array([word], np.int32))[0]
                self.moving[word], self.taken[word] = vector.copy(), vector.copy()

    def leave_(self, words: list[int]) -> None:
        """Add what copies have moved to the rows of their words."""
        for word in words:
            moved = self.moving.pop(word) - self.taken.pop(word)
            add_to_bags_(self.center, self.bag_ids, self.bag_offsets, np.array([word], np.int32), moved[None])

    def close_(self) -> None:
        """Let all leave."""
        self.leave_(list(self.moving))


def skipgram_hierarchical_(
    center: Vectors,
    context: Vectors,
    bag_ids: BagIds,
    bag_offsets: BagOffsets,
    ids: Stream,
    keep: UInt32[np.ndarray, "words"],
    path_nodes: PathNodes,
    path_codes: PathCodes,
    path_offsets: PathOffsets,
    *,
    window: int,
    fixed_window: bool,
    learning_rate: float,
    seed: int,
    position: int,
) -> tuple[float, float]:
    """Train `center` (words or their bags) and `context` (inner nodes) in place on a span.

    Returns the summed loss and the weight of all pairs. The loss of a pair is -log p(token), in nats. For
    bags see kernels/reference/bags.py. `ids` starts at `position` of the stream.
    """
    kept = keep_tokens(ids, keep, seed=seed, position=position)
    copies = Copies(center, bag_ids, bag_offsets, kept.ids, window)
    size = group_size(window, fixed_window=fixed_window)
    loss = pairs = 0.0
    for p, word in enumerate(kept.ids):
        copies.slide_(p)
        path = slice(path_offsets[word], path_offsets[word + 1])
        low, high = max(p - window, kept.first[p]), min(p + window, kept.last[p])
        neighbours = [q for q in range(low, high + 1) if q != p]
        for group in range(0, len(neighbours), size):
            tokens = neighbours[group : group + size]
            distances = np.abs(np.array(tokens) - p)
            times = np.ones(len(tokens)) if fixed_window else (window + 1 - distances) / window
            x = np.array([copies.moving[word] for word in kept.ids[tokens].tolist()], np.float64)
            labels = 1 - path_codes[path].astype(np.float64)
            found, moves = meet_(context, path_nodes[path], labels, x, times, learning_rate)
            for neighbour, move in zip(kept.ids[tokens].tolist(), moves, strict=True):
                copies.moving[neighbour] += move
            loss += found
            pairs += float(times.sum())
    copies.close_()
    return loss, pairs


def meet_(
    context: Vectors,
    nodes: PathNodes,
    labels: Float64[np.ndarray, "nodes"],
    x: Float64[np.ndarray, "inputs dim"],
    times: Float64[np.ndarray, "inputs"],
    learning_rate: float,
) -> tuple[float, Float32[np.ndarray, "inputs dim"]]:
    """Move the nodes of a path by their gradients with each input; return the loss and the inputs' moves.

    `times` says how often each input counts.
    """
    o = context[nodes].astype(np.float64)
    logits = np.clip(o @ x.T, -LARGEST_LOGIT, LARGEST_LOGIT)  # (nodes, inputs)
    gradient = learning_rate * times * (labels[:, None] - 1 / (1 + np.exp(-logits)))
    np.add.at(context, nodes, (gradient @ x).astype(np.float32))
    signed = np.where(labels[:, None] == 1, logits, -logits)
    return float((times * np.logaddexp(0, -signed)).sum()), (gradient.T @ o).astype(np.float32)
