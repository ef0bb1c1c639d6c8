"""What a word-vector kernel draws: the tokens that sub-sampling keeps, and negatives."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32, Int32, Int64, UInt32
from numba import njit

from rowspace.arrays import END, Stream
from rowspace.kernels.cpu.random_bits import random_bits
from rowspace.kernels.cpu.simd import LANES, Pointer
from rowspace.kernels.reference.skipgram import NEGATIVES

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_NOWHERE = np.float32(3e8)  # beyond every place: a lane whose document is [3e8, -3e8] meets no token


@njit(nogil=True, cache=True)
def keep_tokens(
    ids: Stream,
    keep: UInt32[np.ndarray, "rows"],
    seed: np.uint64,
    position: int,
    rows: Int32[np.ndarray, "room"],
    positions: Int64[np.ndarray, "room"],
    first: Float32[np.ndarray, "room"],
    last: Float32[np.ndarray, "room"],
) -> int:
    """Compact the kept tokens, each with the ends of its document, and close them with sixteen empty lanes.

    Returns their number. Places are float32, exact up to 2**24, as the lanes compare them.
    """
    kept = 0
    opened = 0
    for place in range(len(ids)):
        row = ids[place]
        if row == END:
            for i in range(opened, kept):
                last[i] = kept - 1
            opened = kept
            continue
        bits = random_bits(seed, np.uint64(position + place))
        rows[kept] = row  # written over by the next token if this one is dropped: no branch to mispredict
        positions[kept] = position + place
        first[kept] = opened
        kept += int((bits & _LOW) <= keep[row])
    for i in range(opened, kept):
        last[i] = kept - 1
    for i in range(kept, kept + LANES):
        rows[i] = 0
        first[i] = _NOWHERE
        last[i] = -_NOWHERE
    return kept


@njit(nogil=True, cache=True)
def draw_(
    threshold: UInt32[np.ndarray, "rows"],
    alias: Int32[np.ndarray, "rows"],
    seed: np.uint64,
    counter: int,
    drawn: Pointer,
) -> None:
    """Draw a round's negatives from the alias table into `drawn`."""
    size = np.uint64(len(threshold))
    for n in range(NEGATIVES):
        bits = random_bits(seed ^ _ALL, np.uint64(counter * NEGATIVES + n))
        place = int(((bits >> _HALF) * size) >> _HALF)
        other = alias[place]  # read in any case: a choice between two numbers is no branch to mispredict
        drawn[n] = place if (bits & _LOW) <= threshold[place] else other
