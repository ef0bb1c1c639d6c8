"""Pairs of neighbouring tokens, counted and joined: the twin of ``reference.bigram_counts``.

All numbers of a pair are unsigned: signed and unsigned 64-bit integers together would become floats.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from rowspace.arrays import END, Counts, Stream
from rowspace.kernels.reference.bigram_counts import (
    FIRST_FACTOR,
    SECOND_FACTOR,
    ConnectorIds,
    Connectors,
    Entries,
    Room,
    State,
)

Word = Any  # uint64

_NONE = np.uint64(0)
_ONE = np.uint64(1)
_THREE = np.uint64(3)
_HALF = np.uint64(32)
_PLACE_BITS = np.uint64(20)
_PART_BITS = np.uint64(56)
_FIRST = np.uint64(FIRST_FACTOR)
_SECOND = np.uint64(SECOND_FACTOR)
_BITS = np.uint64(0xFFFFFFFFFFFFFFFF)


@njit(nogil=True, cache=True)
def hash_pair(pair: Word, link: Word) -> Word:
    """Mix a pair and its link, both uint64."""
    value = (pair ^ (link * _SECOND)) * _FIRST
    return (value ^ (value >> _HALF)) * _SECOND


@njit(nogil=True, cache=True)
def _place_of(entries: Entries, pair: Word, link: Word, mixed: Word) -> Word:
    """Where a pair stands in `entries`, or the empty place where it would; as an offset."""
    mask = np.uint64(len(entries) // 3 - 1)
    place = (mixed >> _PLACE_BITS) & mask
    while True:
        offset = place * _THREE
        if entries[offset + np.uint64(2)] == _NONE or (
            entries[offset] == pair and entries[offset + _ONE] == link
        ):
            return offset
        place = (place + _ONE) & mask


@njit(nogil=True, cache=True)
def count_pairs_(
    ids: Stream,
    start: int,
    connectors: Connectors,
    base: int,
    part: int,
    parts: int,
    state: State,
    entries: Entries,
    num_pairs: int,
) -> tuple[int, int]:
    """Count the pairs that end in ids[start:] and belong to `part`; return (position, num_pairs)."""
    most_pairs = len(entries) // 6
    wanted, num_parts, step = np.uint64(part), np.uint64(parts), np.uint64(base)
    fullest = _BITS // step - _ONE
    first, link = state[0], state[1]
    for position in range(start, len(ids)):
        token = ids[position]
        if token == END:
            first, link = _NONE, _NONE
            continue
        digit = connectors[token]
        if digit:
            if link > fullest:
                first, link = _NONE, _NONE
            elif first:
                link = link * step + np.uint64(digit)
            continue
        if first:
            pair = ((first - _ONE) << _HALF) | np.uint64(token)
            mixed = hash_pair(pair, link)
            if ((mixed >> _PART_BITS) * num_parts) >> np.uint64(8) == wanted:
                offset = _place_of(entries, pair, link, mixed)
                if entries[offset + np.uint64(2)] == _NONE:
                    if num_pairs >= most_pairs:
                        state[0], state[1] = first, link
                        return position, num_pairs
                    entries[offset], entries[offset + _ONE] = pair, link
                    num_pairs += 1
                entries[offset + np.uint64(2)] += _ONE
        first, link = np.uint64(token) + _ONE, _NONE
    state[0], state[1] = first, link
    return len(ids), num_pairs


@njit(nogil=True, cache=True)
def enter_pairs_(source: Entries, entries: Entries) -> None:
    """Enter every full place of `source` into the larger table `entries`."""
    for offset in range(0, len(source), 3):
        pair, link = source[offset], source[offset + 1]
        if source[offset + 2] != _NONE:
            target = _place_of(entries, pair, link, hash_pair(pair, link))
            entries[target], entries[target + _ONE] = pair, link
            entries[target + np.uint64(2)] = source[offset + 2]


@njit(nogil=True, cache=True)
def join_pairs_(
    ids: Stream,
    connectors: Connectors,
    connector_ids: ConnectorIds,
    entries: Entries,
    state: State,
    joined: Room,
    counts: Counts,
) -> int:
    """Write `ids` to `joined` with each pair of the table as one token; return how many were written."""
    step = np.uint64(len(connector_ids) + 1)
    fullest = _BITS // step - _ONE
    first, link = state[0], state[1]
    written = 0
    for token in ids:
        digit = connectors[token] if token != END else np.uint8(0)
        if digit:
            if first and link <= fullest:
                link = link * step + np.uint64(digit)
                continue
            written = _close_(first, link, connector_ids, joined, written, counts)
            joined[written] = token
            counts[token] += 1
            written += 1
            first, link = _NONE, _NONE
            continue
        if first and token != END:
            pair = ((first - _ONE) << _HALF) | np.uint64(token)
            value = entries[_place_of(entries, pair, link, hash_pair(pair, link)) + np.uint64(2)]
            if value:
                joined[written] = np.int32(value - _ONE)
                counts[joined[written]] += 1
                written += 1
                first, link = _NONE, _NONE
                continue
        written = _close_(first, link, connector_ids, joined, written, counts)
        if token == END:
            joined[written] = END
            written += 1
            first = _NONE
        else:
            first = np.uint64(token) + _ONE
        link = _NONE
    state[0], state[1] = first, link
    return written


@njit(nogil=True, cache=True)
def _close_(
    first: Word, link: Word, connector_ids: ConnectorIds, joined: Room, written: int, counts: Counts
) -> int:
    """Write the tokens of an open pair that came to nothing; return how many ids are written now."""
    if first == _NONE:
        return written
    step = np.uint64(len(connector_ids) + 1)
    joined[written] = np.int32(first - _ONE)
    counts[joined[written]] += 1
    written += 1
    size, left = 0, link
    while left:
        size, left = size + 1, left // step
    for i in range(size - 1, -1, -1):
        joined[written + i] = connector_ids[np.int64(link % step) - 1]
        counts[joined[written + i]] += 1
        link = link // step
    return written + size
