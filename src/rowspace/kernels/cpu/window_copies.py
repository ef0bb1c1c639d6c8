"""The vectors of the words in a sliding window: copied when they enter, added back when they leave.

A vector is read and written once however many tokens of the window it meets, and moves in memory that no
other thread writes to. A word that stands in the window several times has one copy. Now and then all copies
are exchanged, so that words that never leave learn what other threads have learned.
"""

from __future__ import annotations

from typing import NamedTuple

from numba import njit

from rowspace.kernels.cpu.bags import Bags, add_to_bag_, fetch_bag, pool_
from rowspace.kernels.cpu.simd import LANES, Pointer, add, load, prefetch, store, subtract
from rowspace.kernels.reference.skipgram_hierarchical import TURNS

AHEAD = 3  # tokens from asking for a row to its use
MOST_AHEAD = 64  # rows of a bag that are asked for: more would not stay near


class Copies(NamedTuple):
    """Center rows, plain or in bags, and the copies of those in the window."""

    rows: Pointer
    stride: int
    bags: Bags
    has_bags: bool
    words: Pointer  # of the kept tokens
    size: int  # tokens
    window: int
    moving: Pointer  # (slots, stride)
    taken: Pointer  # (slots, stride) as they were taken
    slots: int
    owners: Pointer  # (slots,) whose copy a slot holds
    uses: Pointer  # (slots,) how often that word stands in the window; 0 for a free slot
    slot_of: Pointer  # (slots,) the slot of token t at t modulo slots
    learns: bool  # whether rows are written to


def num_slots(window: int) -> int:
    """The slots for a window and one token more: a power of two, so that no place costs a division."""
    return 1 << (2 * window + 1).bit_length()


@njit(nogil=True, cache=True)
def place_of(copies: Copies, token: int) -> int:
    """Where the copy for a token in the window lies."""
    return copies.slot_of[token & (copies.slots - 1)] * copies.stride


@njit(nogil=True, cache=True)
def slide_(copies: Copies, token: int) -> None:
    """Move the window from the token before to this one; the first call fills it."""
    newest = token + copies.window
    for p in range(0 if token == 0 else newest, min(newest + 1, copies.size)):
        _enter(copies, p)
    if token > copies.window:
        _leave(copies, token - copies.window - 1)
    if newest + AHEAD < copies.size:
        _fetch(copies, int(copies.words[newest + AHEAD]))
    if token % TURNS == 0:
        close_(copies)
        for slot in range(copies.slots):
            if copies.uses[slot] > 0:
                _take(copies, slot)


@njit(nogil=True, cache=True)
def close_(copies: Copies) -> None:
    """Add all copies back."""
    for slot in range(copies.slots):
        if copies.uses[slot] > 0:
            _give(copies, slot)


@njit(nogil=True, cache=True)
def _enter(copies: Copies, token: int) -> None:
    """Find the copy of a token's word, or make one."""
    word = int(copies.words[token])
    found = -1
    for slot in range(copies.slots):
        if copies.uses[slot] == 0:
            found = slot
        elif copies.owners[slot] == word:
            found = slot
            break
    copies.slot_of[token & (copies.slots - 1)] = found
    copies.uses[found] += 1
    if copies.uses[found] == 1:
        copies.owners[found] = word
        _take(copies, found)


@njit(nogil=True, cache=True)
def _leave(copies: Copies, token: int) -> None:
    """Add the copy for a token back, if its word stands in the window no more."""
    slot = copies.slot_of[token & (copies.slots - 1)]
    copies.uses[slot] -= 1
    if copies.uses[slot] == 0:
        _give(copies, slot)


@njit(nogil=True, cache=True)
def _take(copies: Copies, slot: int) -> None:
    """Copy the vector of a slot's word."""
    stride, place, word = copies.stride, slot * copies.stride, int(copies.owners[slot])
    if copies.has_bags:
        pool_(copies.rows, stride, copies.bags, word, copies.moving, place)
        for panel in range(place, place + stride, LANES):
            store(copies.taken, panel, load(copies.moving, panel))
    else:
        for panel in range(0, stride, LANES):
            row = load(copies.rows, word * stride + panel)
            store(copies.moving, place + panel, row)
            store(copies.taken, place + panel, row)


@njit(nogil=True, cache=True)
def _give(copies: Copies, slot: int) -> None:
    """Add what a copy has moved to the rows of its word."""
    if not copies.learns:
        return
    stride, place, word = copies.stride, slot * copies.stride, int(copies.owners[slot])
    for panel in range(place, place + stride, LANES):
        store(copies.taken, panel, subtract(load(copies.moving, panel), load(copies.taken, panel)))
    if copies.has_bags:
        add_to_bag_(copies.rows, stride, copies.bags, word, copies.taken, place)
    else:
        for panel in range(0, stride, LANES):
            row = load(copies.rows, word * stride + panel)
            store(copies.rows, word * stride + panel, add(row, load(copies.taken, place + panel)))


@njit(nogil=True, cache=True)
def _fetch(copies: Copies, word: int) -> None:
    """Ask for the rows of a word."""
    if copies.has_bags:
        first, last = copies.bags.offsets[word], copies.bags.offsets[word + 1]
        fetch_bag(copies.rows, copies.stride, copies.bags, first, min(first + MOST_AHEAD, last))
    else:
        for line in range(0, copies.stride, LANES):
            prefetch(copies.rows, word * copies.stride + line)
