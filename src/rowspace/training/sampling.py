"""What skip-gram draws from counts: which tokens stay, and which rows are negatives."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64, Int32, UInt32

from rowspace.arrays import Counts

Thresholds = UInt32[np.ndarray, "rows"]
Aliases = Int32[np.ndarray, "rows"]

_ALWAYS = 2**32 - 1  # 32 random bits are always at most this


def keep_thresholds(counts: Counts, subsample: float) -> Thresholds:
    """The threshold of each row: a token stays if its 32 random bits are at most that.

    word2vec.c's rule (Mikolov et al. 2013 give another in the paper): a row with the share f of all
    counts stays with probability (sqrt(f / t) + 1) t / f, t = `subsample`. 0 keeps every token.

    >>> (keep_thresholds(np.array([900, 99, 1]), 1e-2) / 2**32).round(3)
    array([0.117, 0.419, 1.   ])
    """
    allowed = subsample * float(counts.sum())
    if allowed == 0:
        return np.full(len(counts), _ALWAYS, np.uint32)
    ratio = allowed / np.maximum(counts, 1)  # a row without counts never meets its threshold
    probability = np.minimum(np.sqrt(ratio) + ratio, 1.0)
    thresholds: Thresholds = (probability * _ALWAYS).astype(np.uint32)
    return thresholds


def noise_weights(counts: Counts, exponent: float) -> Float64[np.ndarray, "rows"]:
    """The noise distribution count**exponent, not normalised; a row without counts is no negative.

    >>> noise_weights(np.array([16, 0, 1]), 0.75)
    array([8., 0., 1.])
    """
    weights = np.zeros(len(counts), np.float64)
    seen = counts > 0
    weights[seen] = counts[seen].astype(np.float64) ** exponent
    return weights


def alias_table(weights: Float64[np.ndarray, "rows"]) -> tuple[Thresholds, Aliases]:
    """Build a table that draws row r with probability weights[r] / sum in constant time (Walker 1977).

    Draw a place p uniformly and 32 random bits: the answer is p if the bits are at most threshold[p],
    else alias[p]. All probabilities are exact to 2**-32, and a row of weight 0 is drawn at most once in
    2**32 * rows draws. Weights must not be negative; weights that are all 0 draw uniformly.

    Rows below the mean are filled up by rows above it in one sweep (Huebschle-Schneider & Sanders 2022).
    Which row fills which follows from running sums alone, so NumPy does it without a Python loop.
    """
    rows, total = len(weights), float(weights.sum())
    share = np.ones(rows) if total == 0 else weights * (rows / total)  # the mean is 1
    alias = np.arange(rows, dtype=np.int32)
    light, heavy = np.flatnonzero(share < 1), np.flatnonzero(share >= 1)
    if len(light) and len(heavy):
        deficit, excess = np.cumsum(1 - share[light]), np.cumsum(share[heavy] - 1)
        # The heavy row that still has something to give when the sweep reaches a light one.
        before = np.concatenate([[0.0], deficit[:-1]])
        giver = np.searchsorted(excess, before, side="right")
        alias[light] = heavy[np.minimum(giver, len(heavy) - 1)]
        # A heavy row gives until it is overdrawn; the next heavy row fills what it then lacks.
        emptied = np.minimum(np.searchsorted(deficit, excess, side="left"), len(light) - 1)
        lacks = np.maximum(deficit[emptied] - excess, 0.0)
        share[heavy], alias[heavy[:-1]] = 1 - lacks, heavy[1:]
        share[heavy[-1]] = 1.0
    accepted = np.rint(np.clip(share, 0, 1) * 2.0**32) - 1
    return np.clip(accepted, 0, _ALWAYS).astype(np.uint32), alias
