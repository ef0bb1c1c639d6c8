"""Waiting for another thread without sleeping, so that no core has to be woken."""

from __future__ import annotations

import os

import numpy as np
from jaxtyping import Int64

Flags = Int64[np.ndarray, "flags"]


def wait_above(flags: Flags, place: int, value: int, spins: int) -> bool:
    """Look at flags[place] until it is above `value`, `spins` times at most; say whether it is.

    Between looks the core is offered to whoever else wants it.
    """
    for _ in range(spins):
        if flags[place] > value:
            return True
        os.sched_yield()
    return bool(flags[place] > value)
