"""CBOW with negative sampling (Mikolov et al. 2013): the mean of the words around a token predicts it.

Sixteen consecutive kept tokens form a block, as in kernels/reference/skipgram.py: they share N negatives,
each taken as often as K fresh ones a token ask for, so the expected gradient is the same; a negative that
is the token itself does not count. A block is worked off in R rounds, each with 32 of the N = 32 R
negatives and every R-th token. All gradients of a round are taken at the same point, then all rows move.

The window of a token reaches 1..w tokens to each side, drawn token by token as in word2vec.c, or always w.
Its input is x_i = sum over the tokens p of the window of P[d] * y_p, divided by the number of rows in it:
y_p is the row of token p, or the sum of the rows of its bag, so x is the mean over all rows of all words
of the window, as in fastText. P[d] is the vector of the place d = p - i (Mikolov et al. 2018), or 1.

The gradient of x is shared out among the words of the window (Irsoy et al. 2021): a word that gave s of
the n rows gets s / n of it, a plain word 1 / n, and each row of its bag all of that, which is the rule of
kernels/reference/bags.py: divided among those rows too, it would be too small to learn from. The
classic programs hand it whole to each row of each word. Place vectors always get their true gradient.

Symbols: B = 16 tokens, N negatives, K negatives a token, D dim, R rounds, w window, P place vectors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int32, Int64, UInt32

from rowspace.arrays import Stream, Vectors
from rowspace.kernels.reference.bags import BagIds, BagOffsets, add_to_bags_, pool
from rowspace.kernels.reference.skipgram import (
    LANES,
    LARGEST_LOGIT,
    NEGATIVES,
    Kept,
    draw_negatives,
    keep_tokens,
    random_bits,
)

RECEIVED_A_ROUND = 48  # gradients x K that a row meets in one round, at most; 30 with the default settings

Reach = Float64[np.ndarray, "reach lanes"]


def num_rounds(window: int, negatives: int, *, fixed_window: bool, divided_gradient: bool) -> int:
    """The rounds a block is split into: one for the default window 5 and 5 negatives.

    A row is in w + 1 windows on average, or in 2 w fixed ones, and receives the gradient of each. Divided
    ones are smaller, but count for more than their size, since they want learning rates about four times
    as high.
    """
    windows = 2 * window if fixed_window else window + 1
    received = min(windows, 4) if divided_gradient else windows
    return max(1, -(-received * negatives // RECEIVED_A_ROUND))


@dataclass(frozen=True)
class Inputs:
    """The tokens that the windows of a block reach; `places` is d + w before the token, d + w - 1 behind."""

    words: Int32[np.ndarray, "reach"]
    sizes: Int64[np.ndarray, "reach"]  # rows of each word
    inside: Bool[np.ndarray, "reach lanes"]  # whether token p is in the window of token i
    places: Int64[np.ndarray, "reach lanes"]

    def shares(self) -> Reach:
        """What each row counts in each mean: 1 / rows in the window, or 0 outside."""
        shares: Reach = self.inside / np.maximum(self.sizes @ self.inside, 1)
        return shares


def cbow_(
    center: Vectors,
    context: Vectors,
    bag_ids: BagIds,
    bag_offsets: BagOffsets,
    positions: Float32[np.ndarray, "places stride"],
    ids: Stream,
    keep: UInt32[np.ndarray, "words"],
    noise_threshold: UInt32[np.ndarray, "words"],
    noise_alias: Int32[np.ndarray, "words"],
    *,
    window: int,
    negatives: int,
    fixed_window: bool,
    divided_gradient: bool,
    learning_rate: float,
    seed: int,
    position: int,
) -> tuple[float, float]:
    """Train `center` (inputs), `context` (outputs) and `positions` in place on a span.

    Returns the summed loss and the number of tokens predicted, those with a neighbour. The loss of a
    token is -log s(x.o) - sum over its K negatives of log s(-x.z), s the logistic function. For bags see
    kernels/reference/bags.py. `positions` has 2 * window rows, or none if all places are alike. `ids`
    starts at `position` of the stream.
    """
    kept = keep_tokens(ids, keep, seed=seed, position=position)
    rounds = num_rounds(window, negatives, fixed_window=fixed_window, divided_gradient=divided_gradient)
    loss = pairs = 0.0
    for start in range(0, len(kept.ids), LANES):
        lanes = np.arange(start, min(start + LANES, len(kept.ids)))
        inputs = open_windows(kept, lanes, bag_offsets, seed=seed, window=window, fixed=fixed_window)
        active = inputs.inside.any(axis=0)
        for turn in range(rounds):
            counter = int(kept.positions[start]) * rounds + turn
            drawn = draw_negatives(noise_threshold, noise_alias, seed, counter)
            noise = negatives / (NEGATIVES * rounds) * (drawn[:, None] != kept.ids[lanes]) * active
            turns = active & (np.arange(len(lanes)) % rounds == turn)
            x, y, p = means(center, bag_ids, bag_offsets, positions, inputs)
            outputs = np.concatenate([kept.ids[lanes], drawn])
            times = np.concatenate([np.diag(turns.astype(np.float64)), noise])
            labels = np.arange(len(outputs)) < len(lanes)
            found, steps = predict_(context, x, outputs, times, labels, learning_rate)
            loss += found
            shares = inputs.shares()
            received = shares * inputs.sizes[:, None] if divided_gradient else inputs.inside
            moves = np.einsum("pl,pld,ld->pd", received, p, steps).astype(np.float32)
            add_to_bags_(center, bag_ids, bag_offsets, inputs.words, moves)
            if len(positions):
                moved = np.einsum("pl,pd,ld->pld", shares, y, steps)[inputs.inside]
                np.add.at(positions, inputs.places[inputs.inside], moved.astype(np.float32))
        pairs += float(active.sum())
    return loss, pairs


def open_windows(
    kept: Kept,
    lanes: Int64[np.ndarray, "lanes"],
    bag_offsets: BagOffsets,
    *,
    seed: int,
    window: int,
    fixed: bool,
) -> Inputs:
    """Draw how far each token sees, uniform in 1..window, from the upper 32 of its random bits.

    The lower 32 decide whether the token is kept.
    """
    upper = [random_bits(seed, int(position)) >> 32 for position in kept.positions[lanes]]
    reaches = np.array([window if fixed else 1 + (bits * window >> 32) for bits in upper], np.int64)
    lowest = max(lanes[0] - window, kept.first[lanes[0]])
    highest = min(lanes[-1] + window, kept.last[lanes[-1]])
    reach = np.arange(lowest, highest + 1)[:, None]
    offset = reach - lanes
    inside = (kept.first[lanes] <= reach) & (reach <= kept.last[lanes])
    inside &= (offset != 0) & (np.abs(offset) <= reaches)
    words = kept.ids[lowest : highest + 1]
    sizes = np.diff(bag_offsets)[words] if len(bag_offsets) else np.ones(len(words), np.int64)
    places = np.where(inside, offset + window - (offset > 0), 0)
    return Inputs(words, sizes, inside, places)


def means(
    center: Vectors,
    bag_ids: BagIds,
    bag_offsets: BagOffsets,
    positions: Float32[np.ndarray, "places stride"],
    inputs: Inputs,
) -> tuple[
    Float64[np.ndarray, "lanes dim"], Float64[np.ndarray, "reach dim"], Float64[np.ndarray, "reach lanes dim"]
]:
    """The x of each token, the y of each word in reach, and the P between them."""
    y = pool(center, bag_ids, bag_offsets, inputs.words).astype(np.float64) * inputs.sizes[:, None]
    if len(positions):
        p = positions[inputs.places].astype(np.float64)
    else:
        p = np.ones((*inputs.inside.shape, center.shape[1]))
    return np.einsum("pl,pld,pd->ld", inputs.shares(), p, y), y, p


def predict_(
    context: Vectors,
    x: Float64[np.ndarray, "lanes dim"],
    outputs: Int64[np.ndarray, "outputs"],
    times: Float64[np.ndarray, "outputs lanes"],
    labels: Bool[np.ndarray, "outputs"],
    learning_rate: float,
) -> tuple[float, Float64[np.ndarray, "lanes dim"]]:
    """Move the output rows; return the loss, and the step that each x should make.

    `times` says how often each output row counts for each x; `labels` is true for the tokens
    themselves, false for negatives.
    """
    o = context[outputs].astype(np.float64)
    logits = np.clip(o @ x.T, -LARGEST_LOGIT, LARGEST_LOGIT)  # (outputs, lanes)
    gradient = learning_rate * times * (labels[:, None] - 1 / (1 + np.exp(-logits)))
    np.add.at(context, outputs, (gradient @ x).astype(np.float32))
    signed = np.where(labels[:, None], logits, -logits)
    return float((times * np.logaddexp(0, -signed)).sum()), gradient.T @ o
