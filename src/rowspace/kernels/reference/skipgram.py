"""Skip-gram with negative sampling (Mikolov et al. 2013), sixteen centers at a time.

word2vec.c draws K fresh negatives for every (center, context) pair. Here sixteen consecutive kept
tokens form a block; they share N negatives, each taken as often as the block's pairs ask for, so the
expected gradient is that of K fresh negatives a pair (HogBatch, Ji et al. 2016, shares within one
window). All sums become small matrix products, and a row moves once a block instead of once a pair.

A block is worked off in R rounds, each with 16 of the N = 16 R negatives and every R-th context row:
a round adds up gradients taken at the same point, so R follows window x K and one round stays as
small a step as the default settings make it. Randomness is counter-based: what is drawn depends on
(seed, position) alone, never on how the stream was cut or who works on it.

Symbols: B = 16 centers, N negatives, K negatives a pair, D dim, R rounds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int32, Int64, UInt32

from rowspace.arrays import END, Stream, Vectors

LANES = 16  # centers in a block, negatives in a round
PAIRS_A_ROUND = 32  # expected pairs x K a center meets in one round; the default settings give 30
LARGEST_LOGIT = 30.0  # beyond it the sigmoid is 0 or 1 in float32

_MASK = 0xFFFFFFFFFFFFFFFF


def random_bits(seed: int, counter: int) -> int:
    """64 random bits for one counter: the finaliser of SplitMix64 (Steele, Lea & Flood 2014)."""
    bits = (seed + counter * 0x9E3779B97F4A7C15) & _MASK
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & _MASK
    return bits ^ (bits >> 31)


def num_rounds(window: int, negatives: int) -> int:
    """The rounds a block is split into: one for the default window 5 and 5 negatives."""
    return max(1, -(-(window + 1) * negatives // PAIRS_A_ROUND))


@dataclass(frozen=True)
class Kept:
    """The tokens that sub-sampling kept, each with the span of its context."""

    ids: Int32[np.ndarray, "kept"]
    positions: Int64[np.ndarray, "kept"]  # in the stream: the counters of the random numbers
    first: Int64[np.ndarray, "kept"]  # the context of token i is first[i] .. last[i] without i itself
    last: Int64[np.ndarray, "kept"]


def skipgram_(
    center: Vectors,
    context: Vectors,
    ids: Stream,
    keep: UInt32[np.ndarray, "rows"],
    noise_threshold: UInt32[np.ndarray, "rows"],
    noise_alias: Int32[np.ndarray, "rows"],
    *,
    window: int,
    negatives: int,
    learning_rate: float,
    seed: int,
    position: int,
) -> tuple[float, float]:
    """Train `center` and `context` in place on a span; return the summed loss and the pairs.

    The loss of a pair is -log s(x.y) - sum over its K negatives of log s(-x.z), s the logistic
    function; loss / pairs is the mean. `ids` starts at `position` of the stream. A token stays if
    the lower 32 of its random bits are at most keep[row]; the upper 32 shrink its window uniformly
    to 1..window. A negative is drawn by an alias table (Walker 1977) over the rows.
    """
    kept = keep_tokens(ids, keep, window=window, seed=seed, position=position)
    rounds = num_rounds(window, negatives)
    loss = pairs = 0.0
    for start in range(0, len(kept.ids), LANES):
        lanes = np.arange(start, min(start + LANES, len(kept.ids)))
        reach = np.arange(kept.first[lanes].min(), kept.last[lanes].max() + 1)
        counter = int(kept.positions[start]) * rounds
        for turn in range(rounds):
            drawn = draw_negatives(noise_threshold, noise_alias, seed, counter + turn)
            share = negatives / (LANES * rounds)
            loss += round_(center, context, kept, lanes, reach, turn, rounds, drawn, share, learning_rate)
        pairs += float((kept.last[lanes] - kept.first[lanes]).sum())
    return loss, pairs


def keep_tokens(
    ids: Stream, keep: UInt32[np.ndarray, "rows"], *, window: int, seed: int, position: int
) -> Kept:
    """Sub-sample a span and give each kept token its shrunk window, cut at the document's ends."""
    kept: list[tuple[int, int, int]] = []  # row, position, reach
    documents: list[tuple[int, int]] = []
    opened = 0
    for place, row in enumerate([*ids.tolist(), END]):
        if row == END:
            documents += [(opened, len(kept) - 1)] * (len(kept) - opened)
            opened = len(kept)
            continue
        bits = random_bits(seed, position + place)
        if (bits & 0xFFFFFFFF) <= int(keep[row]):
            kept.append((row, position + place, 1 + (((bits >> 32) * window) >> 32)))
    rows, positions, reach = np.array(kept, np.int64).reshape(-1, 3).T
    limits = np.array(documents, np.int64).reshape(-1, 2)
    places = np.arange(len(kept))
    return Kept(
        rows.astype(np.int32),
        positions,
        np.maximum(places - reach, limits[:, 0]),
        np.minimum(places + reach, limits[:, 1]),
    )


def draw_negatives(
    threshold: UInt32[np.ndarray, "rows"], alias: Int32[np.ndarray, "rows"], seed: int, counter: int
) -> Int64[np.ndarray, "16"]:
    """Sixteen rows from the noise distribution: the upper 32 bits choose a place, the lower decide."""
    drawn = np.empty(LANES, np.int64)
    for n in range(LANES):
        bits = random_bits(seed ^ _MASK, counter * LANES + n)
        place = ((bits >> 32) * len(threshold)) >> 32
        drawn[n] = place if (bits & 0xFFFFFFFF) <= int(threshold[place]) else alias[place]
    return drawn


def round_(
    center: Vectors,
    context: Vectors,
    kept: Kept,
    lanes: Int64[np.ndarray, "lanes"],
    reach: Int64[np.ndarray, "reach"],
    turn: int,
    rounds: int,
    drawn: Int64[np.ndarray, "16"],
    share: float,
    learning_rate: float,
) -> float:
    """One step on a block: the gradients of all its pairs at the same point, then every row moves."""
    inside = (kept.first[lanes] <= reach[:, None]) & (reach[:, None] <= kept.last[lanes])
    inside &= reach[:, None] != lanes
    # word2vec.c skips a negative that is the pair's own context row: so do we, pair by pair.
    differs = kept.ids[reach][:, None] != drawn  # (reach, 16)
    noise = share * (differs.T.astype(np.float64) @ inside)  # (16, lanes)
    turns = reach % rounds == turn
    positives = inside[turns].astype(np.float64)

    rows_x = kept.ids[lanes]
    rows_o = np.concatenate([kept.ids[reach[turns]], drawn])
    x, o = center[rows_x].astype(np.float64), context[rows_o].astype(np.float64)
    logits = np.clip(o @ x.T, -LARGEST_LOGIT, LARGEST_LOGIT)  # (outputs, lanes)
    times = np.concatenate([positives, noise])
    labels = np.concatenate([np.ones_like(positives), np.zeros_like(noise)])
    gradient = learning_rate * times * (labels - 1 / (1 + np.exp(-logits)))
    np.add.at(context, rows_o, (gradient @ x).astype(np.float32))
    np.add.at(center, rows_x, (gradient.T @ o).astype(np.float32))
    signed = np.where(labels == 1, logits, -logits)
    return float((times * np.logaddexp(0, -signed)).sum())
