"""Waiting without sleeping and without the GIL: a core that sleeps wakes up half a millisecond late."""

from __future__ import annotations

import ctypes

from numba import njit

from rowspace.kernels.reference.spinning import Flags

_yield_core = ctypes.CDLL(None).sched_yield
_yield_core.argtypes = ()
_yield_core.restype = ctypes.c_int


@njit(nogil=True)  # the address of a C function is no thing to cache
def wait_above(flags: Flags, place: int, value: int, spins: int) -> bool:
    """Look at flags[place] until it is above `value`, `spins` times at most; say whether it is.

    Between looks the core is offered to whoever else wants it. The call also keeps the compiler from
    reading the flag just once.
    """
    for _ in range(spins):
        if flags[place] > value:
            return True
        _yield_core()
    return flags[place] > value
