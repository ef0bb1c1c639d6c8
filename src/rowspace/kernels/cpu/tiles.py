"""The three small matrix products of a block, as tiles of sums that never leave the registers.

Arrays are flat float32; `rows` holds the offsets of eight output rows. On a core with AVX-512 a tile
of eight rows runs near the speed of its two multiply-adders; narrower machines split each vector.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from rowspace.kernels.cpu.simd import LANES, add, fma, load, splat, spread, store

TILE = 8


@njit(nogil=True, cache=True)
def logits_(outputs, rows, tile, transposed, stride, logits):  # type: ignore[no-untyped-def]
    """Logits of eight output rows with the sixteen centers: logits[tile:tile + 8] (8, 16)."""
    o0, o1, o2, o3 = rows[tile], rows[tile + 1], rows[tile + 2], rows[tile + 3]
    o4, o5, o6, o7 = rows[tile + 4], rows[tile + 5], rows[tile + 6], rows[tile + 7]
    zero = splat(np.float32(0))
    s0, s1, s2, s3, s4, s5, s6, s7 = zero, zero, zero, zero, zero, zero, zero, zero
    for d in range(stride):
        x = load(transposed, d * LANES)
        s0 = fma(spread(outputs, o0 + d), x, s0)
        s1 = fma(spread(outputs, o1 + d), x, s1)
        s2 = fma(spread(outputs, o2 + d), x, s2)
        s3 = fma(spread(outputs, o3 + d), x, s3)
        s4 = fma(spread(outputs, o4 + d), x, s4)
        s5 = fma(spread(outputs, o5 + d), x, s5)
        s6 = fma(spread(outputs, o6 + d), x, s6)
        s7 = fma(spread(outputs, o7 + d), x, s7)
    place = tile * LANES
    store(logits, place, s0)
    store(logits, place + 16, s1)
    store(logits, place + 32, s2)
    store(logits, place + 48, s3)
    store(logits, place + 64, s4)
    store(logits, place + 80, s5)
    store(logits, place + 96, s6)
    store(logits, place + 112, s7)


@njit(nogil=True, cache=True)
def add_products_(  # type: ignore[no-untyped-def]
    target, rows, tile, factors, factor, step, turn, source, places, first, last, panel
):
    """Add a product to sixteen columns of eight rows: target[rows[i]] += sum over j of f[i, j] source[j].

    f[i, j] is factors[factor + i * step + j * turn]; j runs over first..last, and source row j lies at
    places[j]; `panel` is the first of the columns.
    """
    zero = splat(np.float32(0))
    s0, s1, s2, s3, s4, s5, s6, s7 = zero, zero, zero, zero, zero, zero, zero, zero
    for j in range(first, last):
        y = load(source, places[j] + panel)
        f = factor + j * turn
        s0 = fma(spread(factors, f), y, s0)
        s1 = fma(spread(factors, f + step), y, s1)
        s2 = fma(spread(factors, f + 2 * step), y, s2)
        s3 = fma(spread(factors, f + 3 * step), y, s3)
        s4 = fma(spread(factors, f + 4 * step), y, s4)
        s5 = fma(spread(factors, f + 5 * step), y, s5)
        s6 = fma(spread(factors, f + 6 * step), y, s6)
        s7 = fma(spread(factors, f + 7 * step), y, s7)
    _add(target, rows[tile] + panel, s0)
    _add(target, rows[tile + 1] + panel, s1)
    _add(target, rows[tile + 2] + panel, s2)
    _add(target, rows[tile + 3] + panel, s3)
    _add(target, rows[tile + 4] + panel, s4)
    _add(target, rows[tile + 5] + panel, s5)
    _add(target, rows[tile + 6] + panel, s6)
    _add(target, rows[tile + 7] + panel, s7)


@njit(nogil=True, cache=True)
def _add(target, place, vector):  # type: ignore[no-untyped-def]
    store(target, place, add(load(target, place), vector))
