"""The windows of sixteen consecutive tokens: means over the rows in each, and their gradients back.

Windows of neighbours overlap, so no row is added up twice: with the running sums c of the rows in reach, the
rows low..high - 1 sum up to c[high] - c[low], whatever the width. Back go differences: a window adds its
step at `low` and takes it off at `high`, and the running sum of these is what each row receives.
Place vectors weigh each row anew in every window, so with them nothing is saved.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from rowspace.kernels.cpu.simd import LANES, Pointer, add, fma, load, multiply, splat, store, subtract


class Block(NamedTuple):
    """Sixteen tokens, and the tokens in reach of their windows: all counted within the span."""

    start: int
    low: int
    high: int


class Windows(NamedTuple):
    """The windows of a block, and working memory; tokens are counted from the first in reach."""

    stride: int
    width: int  # the tokens that a window reaches to each side, at most
    low: Pointer  # (16,) the first token of each window
    high: Pointer  # (16,) and the one behind the last
    scale: Pointer  # (16,) 1 / rows in the window; 0 if there are none
    places: Pointer  # (reach,) where the rows lie in their matrix
    sums: Pointer  # (reach + 1, stride) running sums
    opened: Pointer  # (reach + 1,) how many windows open here, less those that close
    moves: Pointer  # (reach + 1, stride) what each row receives


@njit(nogil=True, cache=True)
def average_(source: Pointer, block: Block, windows: Windows, means: Pointer) -> None:
    """Write the mean of each window, without its own token, to means (16, stride)."""
    stride, sums = windows.stride, windows.sums
    for panel in range(0, stride, LANES):
        store(sums, panel, splat(np.float32(0)))
    for p in range(block.high - block.low):
        row, line = windows.places[p], p * stride
        for panel in range(0, stride, LANES):
            store(sums, line + stride + panel, add(load(sums, line + panel), load(source, row + panel)))
    for b in range(LANES):
        scale = splat(windows.scale[b])
        own = windows.places[max(0, min(block.start + b, block.high - 1) - block.low)]
        low, high = windows.low[b] * stride, windows.high[b] * stride
        for panel in range(0, stride, LANES):
            others = subtract(load(sums, high + panel), load(sums, low + panel))
            others = subtract(others, load(source, own + panel))
            store(means, b * stride + panel, multiply(others, scale))


@njit(nogil=True, cache=True)
def share_(block: Block, windows: Windows, steps: Pointer, divided: bool) -> None:
    """Write to `moves` what each row receives of steps (16, stride): the whole, or its share of the mean."""
    stride, opened, moves, running = windows.stride, windows.opened, windows.moves, windows.sums
    reach = block.high - block.low
    for line in range(0, (reach + 1) * stride, LANES):
        store(moves, line, splat(np.float32(0)))
    for p in range(reach + 1):
        opened[p] = 0
    for b in range(LANES):
        low, high = windows.low[b], windows.high[b]
        opened[low] += 1
        opened[high] -= 1
        scale = splat(windows.scale[b] if divided else np.float32(1))
        for panel in range(0, stride, LANES):
            step = multiply(load(steps, b * stride + panel), scale)
            store(steps, b * stride + panel, step)
            store(moves, low * stride + panel, add(load(moves, low * stride + panel), step))
            store(moves, high * stride + panel, subtract(load(moves, high * stride + panel), step))
    for panel in range(0, stride, LANES):
        store(running, panel, splat(np.float32(0)))
    count = 0
    for p in range(reach):
        count += opened[p]
        lane = block.low + p - block.start
        line = p * stride
        for panel in range(0, stride, LANES):
            # Where no window is open nothing arrives, not even what rounding left of those before.
            received = splat(np.float32(0))
            if count > 0:
                received = add(load(moves, line + panel), load(running, panel))
            store(running, panel, received)
            if 0 <= lane < LANES:
                received = subtract(received, load(steps, lane * stride + panel))
            store(moves, line + panel, received)


@njit(nogil=True, cache=True)
def _place(windows: Windows, here: int, p: int) -> int:
    """Where the vector lies of the place that token p has in the window of the token `here`."""
    return (p - here + windows.width - int(p > here)) * windows.stride


@njit(nogil=True, cache=True)
def average_by_place_(
    source: Pointer, positions: Pointer, block: Block, windows: Windows, means: Pointer
) -> None:
    """Do as `average_`, each row times the vector of its place."""
    stride = windows.stride
    for b in range(LANES):
        here = block.start + b - block.low
        for panel in range(0, stride, LANES):
            mean = splat(np.float32(0))
            for p in range(windows.low[b], windows.high[b]):
                if p != here:
                    vector = load(positions, _place(windows, here, p) + panel)
                    mean = fma(vector, load(source, windows.places[p] + panel), mean)
            store(means, b * stride + panel, multiply(mean, splat(windows.scale[b])))


@njit(nogil=True, cache=True)
def share_by_place_(
    source: Pointer, positions: Pointer, block: Block, windows: Windows, steps: Pointer, divided: bool
) -> None:
    """Do as `share_` through the place vectors, and move these by their gradient.

    They all move at the end, so that every row meets them as they were.
    """
    stride, moves, turns = windows.stride, windows.moves, windows.sums
    for line in range(0, (block.high - block.low) * stride, LANES):
        store(moves, line, splat(np.float32(0)))
    for line in range(0, 2 * windows.width * stride, LANES):
        store(turns, line, splat(np.float32(0)))
    for b in range(LANES):
        here = block.start + b - block.low
        scale = splat(windows.scale[b])
        for panel in range(0, stride, LANES):
            whole = load(steps, b * stride + panel)
            share = multiply(whole, scale)
            step = share if divided else whole
            for p in range(windows.low[b], windows.high[b]):
                if p != here:
                    line, place = p * stride + panel, _place(windows, here, p) + panel
                    store(moves, line, fma(step, load(positions, place), load(moves, line)))
                    y = load(source, windows.places[p] + panel)
                    store(turns, place, fma(share, y, load(turns, place)))
    for line in range(0, 2 * windows.width * stride, LANES):
        store(positions, line, add(load(positions, line), load(turns, line)))
