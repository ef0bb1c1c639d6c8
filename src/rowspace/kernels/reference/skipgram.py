"""Skip-gram with negative sampling (Mikolov et al. 2013), sixteen centers at a time.

word2vec.c draws K fresh negatives for every (center, context) pair. Here sixteen consecutive kept
tokens form a block; they share N negatives, each taken as often as the block's pairs ask for, so the
expected gradient is that of K fresh negatives a pair (HogBatch, Ji et al. 2016, shares within one
window). All sums become small matrix products, and a row moves once a block instead of once a pair.

A block is worked off in R rounds, each with 32 of the N = 32 R negatives and every R-th context row:
a round adds up gradients taken at the same point, so R follows window x K and one round stays a
small step whatever the settings. word2vec.c shrinks each window at random to 1..window; here a pair
at distance d has instead the weight (window + 1 - d) / window, the chance that it would be used: the
same gradient in expectation with less noise. In a fixed window every pair counts 1. Randomness is
counter-based: what is drawn depends on (seed, position) alone, never on who works on the stream.

Centers may be bags of rows (kernels/reference/bags.py). The means of a block's bags are then taken once,
its rounds move the means, and what they moved goes to the rows at the end of the block.

Symbols: B = 16 centers, N negatives, K negatives a pair, D dim, R rounds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int, Int32, Int64, UInt32

from rowspace.arrays import END, Stream, Vectors
from rowspace.kernels.reference.bags import BagIds, BagOffsets, add_to_bags_, pool

LANES = 16  # centers in a block
NEGATIVES = 32  # in a round
PAIRS_A_ROUND = 32  # pairs x K that a center meets in one round, at most; the default settings give 30
FEW_WORDS = 256  # a block of 16 centers, 26 neighbours and 32 negatives then hardly meets a word twice
LARGEST_LOGIT = 30.0  # beyond it the sigmoid is 0 or 1 in float32

Places = Int64[np.ndarray, "n"]

_MASK = 0xFFFFFFFFFFFFFFFF


def random_bits(seed: int, counter: int) -> int:
    """64 random bits for one counter: the finaliser of SplitMix64 (Steele, Lea & Flood 2014)."""
    bits = (seed + counter * 0x9E3779B97F4A7C15) & _MASK
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & _MASK
    return bits ^ (bits >> 31)


def num_rounds(window: int, negatives: int, *, fixed_window: bool, num_words: int) -> int:
    """The rounds a block is split into: one for a shrinking window 5 and 5 negatives.

    Where words are few, a block meets each of them again and again, and a round must be smaller.
    """
    pairs = 2 * window if fixed_window else window + 1
    most = max(1, PAIRS_A_ROUND * min(num_words, FEW_WORDS) // FEW_WORDS)
    return max(1, -(-pairs * negatives // most))


@dataclass(frozen=True)
class Kept:
    """The tokens that sub-sampling kept, each with the first and last kept token of its document."""

    ids: Int32[np.ndarray, "kept"]
    positions: Int64[np.ndarray, "kept"]  # in the stream: the counters of the random numbers
    first: Int64[np.ndarray, "kept"]
    last: Int64[np.ndarray, "kept"]

    def weights(
        self, lanes: Places, reach: Places, window: int, *, fixed_window: bool
    ) -> Float64[np.ndarray, "reach lanes"]:
        """How much the pair of each center in `lanes` with each token in `reach` counts."""
        distance = np.abs(reach[:, None] - lanes)
        inside = (self.first[lanes] <= reach[:, None]) & (reach[:, None] <= self.last[lanes])
        inside &= (distance > 0) & (distance <= window)
        return np.where(inside, 1.0 if fixed_window else (window + 1 - distance) / window, 0.0)


def skipgram_(
    center: Vectors,
    context: Vectors,
    bag_ids: BagIds,
    bag_offsets: BagOffsets,
    ids: Stream,
    keep: UInt32[np.ndarray, "rows"],
    noise_threshold: UInt32[np.ndarray, "rows"],
    noise_alias: Int32[np.ndarray, "rows"],
    *,
    window: int,
    negatives: int,
    fixed_window: bool,
    learning_rate: float,
    seed: int,
    position: int,
) -> tuple[float, float]:
    """Train `center` and `context` in place on a span; return the summed loss and the pairs' weight.

    The loss of a pair is -log s(x.y) - sum over its K negatives of log s(-x.z), s the logistic
    function; loss / pairs is the mean. `ids` starts at `position` of the stream. A token stays if
    the lower 32 of its random bits are at most keep[row]. A negative is drawn by an alias table
    (Walker 1977) over the rows.
    """
    kept = keep_tokens(ids, keep, seed=seed, position=position)
    rounds = num_rounds(window, negatives, fixed_window=fixed_window, num_words=len(context))
    loss = pairs = 0.0
    for start in range(0, len(kept.ids), LANES):
        lanes = np.arange(start, min(start + LANES, len(kept.ids)))
        reach = np.arange(
            max(start - window, kept.first[start]), min(lanes[-1] + window, kept.last[lanes[-1]]) + 1
        )
        weights = kept.weights(lanes, reach, window, fixed_window=fixed_window)
        words = kept.ids[lanes]
        pooled = pool(center, bag_ids, bag_offsets, words)
        moving, rows = (pooled.copy(), np.arange(len(words))) if len(bag_offsets) else (center, words)
        counter = int(kept.positions[start]) * rounds
        for turn in range(rounds):
            drawn = draw_negatives(noise_threshold, noise_alias, seed, counter + turn)
            share = negatives / (NEGATIVES * rounds)
            turns = reach % rounds == turn
            # word2vec.c skips a negative that is the pair's own context row: so do we, pair by pair.
            noise = share * (kept.ids[reach][:, None] != drawn).T @ weights
            outputs = np.concatenate([kept.ids[reach[turns]], drawn])
            times = np.concatenate([weights[turns], noise])
            labels = np.arange(len(outputs)) < turns.sum()
            loss += step_(moving, context, rows, outputs, times, labels, learning_rate)
        if len(bag_offsets):
            add_to_bags_(center, bag_ids, bag_offsets, words, moving - pooled)
        pairs += float(weights.sum())
    return loss, pairs


def keep_tokens(ids: Stream, keep: UInt32[np.ndarray, "rows"], *, seed: int, position: int) -> Kept:
    """Sub-sample a span, and note for each kept token where its document begins and ends."""
    kept: list[tuple[int, int]] = []  # row, position
    documents: list[tuple[int, int]] = []
    opened = 0
    for place, row in enumerate([*ids.tolist(), END]):
        if row == END:
            documents += [(opened, len(kept) - 1)] * (len(kept) - opened)
            opened = len(kept)
        elif (random_bits(seed, position + place) & 0xFFFFFFFF) <= int(keep[row]):
            kept.append((row, position + place))
    rows, positions = np.array(kept, np.int64).reshape(-1, 2).T
    first, last = np.array(documents, np.int64).reshape(-1, 2).T
    return Kept(rows.astype(np.int32), positions, first, last)


def draw_negatives(
    threshold: UInt32[np.ndarray, "rows"], alias: Int32[np.ndarray, "rows"], seed: int, counter: int
) -> Int64[np.ndarray, "32"]:
    """A round's rows from the noise distribution: the upper 32 bits choose a place, the lower decide."""
    drawn = np.empty(NEGATIVES, np.int64)
    for n in range(NEGATIVES):
        bits = random_bits(seed ^ _MASK, counter * NEGATIVES + n)
        place = ((bits >> 32) * len(threshold)) >> 32
        drawn[n] = place if (bits & 0xFFFFFFFF) <= int(threshold[place]) else alias[place]
    return drawn


def step_(
    center: Vectors,
    context: Vectors,
    centers: Int[np.ndarray, "lanes"],
    outputs: Int64[np.ndarray, "outputs"],
    times: Float64[np.ndarray, "outputs lanes"],
    labels: Bool[np.ndarray, "outputs"],
    learning_rate: float,
) -> float:
    """One round: the gradient of each output row with each center at the same point, then all move.

    `times` says how often each of them counts; `labels` is true for context rows, false for negatives.
    """
    x, o = center[centers].astype(np.float64), context[outputs].astype(np.float64)
    logits = np.clip(o @ x.T, -LARGEST_LOGIT, LARGEST_LOGIT)  # (outputs, lanes)
    gradient = learning_rate * times * (labels[:, None] - 1 / (1 + np.exp(-logits)))
    np.add.at(context, outputs, (gradient @ x).astype(np.float32))
    np.add.at(center, centers, (gradient.T @ o).astype(np.float32))
    signed = np.where(labels[:, None], logits, -logits)
    return float((times * np.logaddexp(0, -signed)).sum())
