"""SplitMix64 as a function of a counter, for every kernel that draws."""

from __future__ import annotations

import numpy as np
from numba import njit

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


@njit(nogil=True, cache=True, inline="always")
def random_bits(seed: np.uint64, counter: np.uint64) -> np.uint64:
    """64 random bits for one counter; both arguments must be uint64, or Numba computes in float64."""
    bits = seed + counter * _GOLDEN
    bits = (bits ^ (bits >> np.uint64(30))) * _FIRST
    bits = (bits ^ (bits >> np.uint64(27))) * _SECOND
    return bits ^ (bits >> np.uint64(31))
