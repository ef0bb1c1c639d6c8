"""An open-addressing hash index over packed keys: the layout of ``keys.hash`` in a .rows file.

`slots` is int32 with a power of two of places, at least twice the number of keys; a place holds a
key's position or -1. A key starts at ``mixed_hash & (capacity - 1)`` and moves on by one place until
it meets itself or an empty place. The hash is 64-bit FNV-1a (Fowler, Noll & Vo), its halves folded
together because linear probing reads the low bits alone.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from rowspace.arrays import Bytes, Offsets, RowIds, Slots

FNV_START = 0xCBF29CE484222325
FNV_PRIME = 0x100000001B3
EMPTY = -1
SMALLEST_CAPACITY = 16


def hash_key(key: bytes) -> int:
    """64-bit FNV-1a of `key` with its upper half folded into the lower: an int in [0, 2**64)."""
    value = FNV_START
    for byte in key:
        value = ((value ^ byte) * FNV_PRIME) & 0xFFFFFFFFFFFFFFFF
    return value ^ (value >> 32)


def capacity_for(num_keys: int) -> int:
    """The number of places for `num_keys` keys: the power of two from twice as many on."""
    return max(SMALLEST_CAPACITY, 1 << (2 * num_keys - 1).bit_length() if num_keys else 0)


def build_index(data: Bytes, offsets: Offsets) -> tuple[Slots, int]:
    """Index every key; return the slots and the first position whose key came before, or -1.

    A repeated key is not indexed again: the first one answers.
    """
    num_keys = len(offsets) - 1
    slots = np.full(capacity_for(num_keys), EMPTY, np.int32)
    first_repeat = -1
    for position in range(num_keys):
        key = data[offsets[position] : offsets[position + 1]].tobytes()
        place, found = _probe(slots, data, offsets, key)
        if found < 0:
            slots[place] = position
        elif first_repeat < 0:
            first_repeat = position
    return slots, first_repeat


def find_key(slots: Slots, data: Bytes, offsets: Offsets, key: bytes) -> int:
    """The position of `key`, or -1. Touches only the places it needs, so it suits mapped files."""
    return _probe(slots, data, offsets, key)[1]


def find_keys(slots: Slots, data: Bytes, offsets: Offsets, wanted: Bytes, wanted_offsets: Offsets) -> RowIds:
    """The position of each wanted packed key, -1 where it is not indexed: int64 (wanted,)."""
    return np.array(
        [
            find_key(slots, data, offsets, wanted[start:end].tobytes())
            for start, end in pairwise(wanted_offsets)
        ],
        np.int64,
    )


def _probe(slots: Slots, data: Bytes, offsets: Offsets, key: bytes) -> tuple[int, int]:
    """Where the search for `key` ends: its place, and the position found there or -1.

    Bounded by the number of places, and blind to positions outside the keys, so that a damaged
    index gives a wrong answer at worst: never a hang, never a read outside the arrays.
    """
    num_keys, mask = len(offsets) - 1, len(slots) - 1
    place = hash_key(key) & mask
    for _ in range(len(slots)):
        position = int(slots[place])
        if position == EMPTY:
            return place, -1
        if 0 <= position < num_keys and (data[offsets[position] : offsets[position + 1]].tobytes() == key):
            return place, position
        place = (place + 1) & mask
    return place, -1
