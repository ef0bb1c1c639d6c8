"""Pairs of neighbouring tokens: counting them, and joining those that are phrases.

A pair is two tokens of a document with nothing or only connectors ("of", "the") between them. The
connectors between are one number, the link: the digits of their numbers (1, 2, ...) in base connectors + 1,
the first one leading; 0 is nothing. A pair with more connectors than 64 bits hold is none.

`entries` is an open-addressing table. Place p is three 64-bit words: first token << 32 | second token,
the link, and a value; 0 in the value is an empty place. In counting the value is the count, in
joining the id of the joined token + 1. At least one place must stay empty.

Both kernels read a stream piece by piece; `state` holds the first token + 1 of a pair that is open (0: none),
and its link so far.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Int32, UInt8, UInt64

from rowspace.arrays import END, Counts, Stream

Entries = UInt64[np.ndarray, "places_times_3"]  # a power of two of places
State = UInt64[np.ndarray, "2"]
Connectors = UInt8[np.ndarray, "keys"]  # the number of a key that is a connector, else 0
ConnectorIds = Int32[np.ndarray, "connectors"]  # the key of connector number i + 1
Room = Int32[np.ndarray, "room"]

FIRST_FACTOR = 0x9E3779B97F4A7C15  # 2**64 / golden ratio (Knuth, TAOCP 3, 6.4)
SECOND_FACTOR = 0xD6E8FEB86659FD93  # any large odd number
LONGEST_LINK = 64  # connectors, where there is a single one to choose from
LARGEST_LINK = 0xFFFFFFFFFFFFFFFF


def hash_pair(pair: int, link: int) -> int:
    """Mix a pair and its link. In [0, 2**64): the top byte chooses the part, bits from 20 on the place."""
    value = (pair ^ (link * SECOND_FACTOR & LARGEST_LINK)) * FIRST_FACTOR & LARGEST_LINK
    return (value ^ value >> 32) * SECOND_FACTOR & LARGEST_LINK


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
    """Count the pairs that end in ids[start:] and belong to `part` of at most 256 `parts`.

    Return the position and the number of distinct pairs so far. The position is len(ids), or that of the
    token for which the table, half full, must grow first.
    """
    for position in range(start, len(ids)):
        token = int(ids[position])
        if token != END and connectors[token]:
            if not _extend_(state, int(connectors[token]), base):
                state[:] = 0
            continue
        if token != END and state[0]:
            pair, link = (int(state[0]) - 1) << 32 | token, int(state[1])
            if (hash_pair(pair, link) >> 56) * parts >> 8 == part:
                place = find_pair(entries, pair, link)
                if entries[3 * place + 2] == 0:
                    if num_pairs >= len(entries) // 6:
                        return position, num_pairs
                    entries[3 * place], entries[3 * place + 1] = pair, link
                    num_pairs += 1
                entries[3 * place + 2] += np.uint64(1)
        state[:] = (0 if token == END else token + 1), 0
    return len(ids), num_pairs


def enter_pairs_(source: Entries, entries: Entries) -> None:
    """Enter every full place of `source`, a table or three words a pair, into the larger table `entries`."""
    for pair, link, value in source.reshape(-1, 3).tolist():
        if value:
            place = find_pair(entries, pair, link)
            entries[3 * place : 3 * place + 3] = pair, link, value


def join_pairs_(
    ids: Stream,
    connectors: Connectors,
    connector_ids: ConnectorIds,
    entries: Entries,
    state: State,
    joined: Room,
    counts: Counts,
) -> int:
    """Write `ids` to `joined` with each pair of the table as one token; count every token written.

    From left to right, so of two pairs that overlap the first one wins. Return how many ids were written;
    `joined` needs room for LONGEST_LINK + 1 more than there are.
    """
    written: list[int] = []
    for token in ids.tolist():
        if token != END and connectors[token]:
            if state[0] and _extend_(state, int(connectors[token]), len(connector_ids) + 1):
                continue
            written += [*_open_tokens(state, connector_ids), token]
            state[:] = 0
            continue
        value = 0
        if token != END and state[0]:
            pair = (int(state[0]) - 1) << 32 | token
            value = int(entries[3 * find_pair(entries, pair, int(state[1])) + 2])
        if value:
            written.append(value - 1)
            state[:] = 0
            continue
        written += _open_tokens(state, connector_ids) + ([END] if token == END else [])
        state[:] = (0 if token == END else token + 1), 0
    joined[: len(written)] = written
    np.add.at(counts, [token for token in written if token != END], 1)
    return len(written)


def find_pair(entries: Entries, pair: int, link: int) -> int:
    """The place of a pair, or the empty one where it would stand."""
    mask = len(entries) // 3 - 1
    place = hash_pair(pair, link) >> 20 & mask
    while entries[3 * place + 2] and (entries[3 * place] != pair or entries[3 * place + 1] != link):
        place = place + 1 & mask
    return place


def _extend_(state: State, digit: int, base: int) -> bool:
    """Add a connector to the link of an open pair; return False where none is open or the link is full."""
    if state[0] and int(state[1]) < LARGEST_LINK // base:
        state[1] = int(state[1]) * base + digit
        return True
    return False


def _open_tokens(state: State, connector_ids: ConnectorIds) -> list[int]:
    """The tokens of an open pair so far."""
    tokens: list[int] = []
    link, base = int(state[1]), len(connector_ids) + 1
    while link:
        tokens.append(int(connector_ids[link % base - 1]))
        link //= base
    return [int(state[0]) - 1, *reversed(tokens)] if state[0] else []
