"""CBOW with hierarchical softmax (Mikolov et al. 2013), token by token.

The mean x of the vectors around a token predicts the token along its path in a tree: what a path is, and
how vectors are copied while they are in a window, says skipgram_hierarchical.py. The window of a token
reaches 1..w tokens to each side, drawn token by token as in word2vec.c, or always w; the draw is that of
kernels/reference/cbow.py. The mean is over all rows of all words of the window, as in fastText.

The gradient of a mean of n rows is shared out among them: each gets 1 / n of it (Irsoy et al. 2021). The
classic programs hand it whole to each row.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import UInt32

from rowspace.arrays import Stream, Vectors
from rowspace.kernels.reference.bags import BagIds, BagOffsets
from rowspace.kernels.reference.skipgram import keep_tokens, random_bits
from rowspace.kernels.reference.skipgram_hierarchical import Copies, PathCodes, PathNodes, PathOffsets, meet_


def cbow_hierarchical_(
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
    divided_gradient: bool,
    learning_rate: float,
    seed: int,
    position: int,
) -> tuple[float, float]:
    """Train `center` (words or their bags) and `context` (inner nodes) in place on a span.

    Returns the summed loss and the number of tokens predicted, those with a neighbour. The loss of a token
    is -log p(token), in nats. For bags see kernels/reference/bags.py. `ids` starts at `position` of the
    stream.
    """
    kept = keep_tokens(ids, keep, seed=seed, position=position)
    copies = Copies(center, bag_ids, bag_offsets, kept.ids, window)
    rows = np.diff(bag_offsets) if len(bag_offsets) else np.ones(len(keep), np.int64)
    once = np.ones(1)
    loss = pairs = 0.0
    for p, word in enumerate(kept.ids):
        copies.slide_(p)
        path = slice(path_offsets[word], path_offsets[word + 1])
        upper = random_bits(seed, int(kept.positions[p])) >> 32  # the lower 32 say whether it is kept
        reach = window if fixed_window else 1 + (upper * window >> 32)
        low, high = max(p - reach, kept.first[p]), min(p + reach, kept.last[p])
        neighbours = kept.ids[[q for q in range(low, high + 1) if q != p]].tolist()
        if not neighbours:
            continue
        sizes = rows[neighbours]
        x = sizes @ np.array([copies.moving[other] for other in neighbours], np.float64) / sizes.sum()
        labels = 1 - path_codes[path].astype(np.float64)
        found, moves = meet_(context, path_nodes[path], labels, x[None], once, learning_rate)
        for other in neighbours:
            copies.moving[other] += moves[0] / (sizes.sum() if divided_gradient else 1)
        loss += found
        pairs += 1.0
    copies.close_()
    return loss, pairs
