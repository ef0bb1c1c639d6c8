"""Text to ids in Numba: the same arrays as ``reference.token_scan``.

White space is found 64 bytes at a time, tokens are hashed eight bytes at a time, and most are told
apart by the two words of one table place: some ten nanoseconds a token.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from rowspace.arrays import END, Bytes, Stream
from rowspace.kernels.cpu.byte_words import load_word, lowest_bit, reverse_bytes, white_space_bits
from rowspace.kernels.reference.token_scan import HASH_FACTOR, PADDING, Bounds, Room, RowOfKey, TokenArrays

Integer = int | np.integer[Any]

NEWLINE = 10
_FACTOR = np.uint64(HASH_FACTOR)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_NONE = np.uint64(0)
_ONE = np.uint64(1)
_TWO = np.uint64(2)
_HALF = np.uint64(32)
_ID = np.uint64(0xFFFFFFFF)


@njit(nogil=True, cache=True)
def cut_text(text: Bytes, starts: Room, stops: Room) -> int:
    """Write where each token of text[:-PADDING] starts and stops; return how many there are."""
    end = len(text) - PADDING
    num_tokens, base, start = 0, 0, 0
    # The padding is white space: it closes the last token and adds nothing else.
    while base <= end:
        bits = white_space_bits(text, base)
        while bits != _NONE:
            stop = base + lowest_bit(bits)
            bits &= bits - _ONE
            if stop > start:
                starts[num_tokens] = start
                stops[num_tokens] = stop
                num_tokens += 1
            if text[stop] == NEWLINE:
                starts[num_tokens] = stop
                stops[num_tokens] = stop
                num_tokens += 1
            start = stop + 1
        base += 64
    return num_tokens


@njit(nogil=True, cache=True)
def count_tokens(
    text: Bytes, starts: Bounds, stops: Bounds, first: int, table: TokenArrays, num_keys: int, ids: Stream
) -> tuple[int, int]:
    """Write the id of each token from `first` on, and count it; return (position, num_keys)."""
    entries, keys, offsets, counts = table
    mask = np.uint64(len(entries) // 2 - 1)
    for position in range(first, len(starts)):
        start = np.int64(starts[position])
        length = np.int64(stops[position]) - start
        if length == 0:
            ids[position] = END
            continue
        prefix = _prefix(text, start, length)
        place = _hash(text, start, length, prefix) & mask
        while True:
            length_and_id = entries[place * _TWO + _ONE]
            token_id = (length_and_id & _ID) - _ONE
            if length_and_id == _NONE:
                if not _enter(text, start, length, prefix, place, table, num_keys):
                    return position, num_keys
                token_id = np.uint64(num_keys)
                num_keys += 1
                break
            if (
                entries[place * _TWO] == prefix
                and length_and_id >> _HALF == np.uint64(length)
                and (length <= 8 or _same_tail(text, start, keys, offsets[token_id], length))
            ):
                break
            place = (place + _ONE) & mask
        counts[token_id] += 1
        ids[position] = np.int32(token_id)
    return len(starts), num_keys


@njit(nogil=True, cache=True)
def rehash_(table: TokenArrays, num_keys: int) -> None:
    """Enter the first `num_keys` keys into the empty `entries` of a grown table."""
    entries, keys, offsets, _ = table
    mask = np.uint64(len(entries) // 2 - 1)
    for token_id in range(num_keys):
        length = offsets[token_id + 1] - offsets[token_id]
        prefix = _prefix(keys, offsets[token_id], length)
        place = _hash(keys, offsets[token_id], length, prefix) & mask
        while entries[place * _TWO + _ONE] != _NONE:
            place = (place + _ONE) & mask
        entries[place * _TWO] = prefix
        entries[place * _TWO + _ONE] = np.uint64(length) << _HALF | np.uint64(token_id + 1)


@njit(nogil=True, cache=True)
def remap_(ids: Stream, row_of: RowOfKey) -> int:
    """Replace each id by row_of[id] in place, drop the negative ones; return how many ids are left."""
    kept, ended = 0, False
    for i in range(len(ids)):
        row = END if ids[i] == END else row_of[np.uint32(ids[i])]
        if row >= 0 or (ids[i] == END and not ended):
            ids[kept] = row
            kept += 1
            ended = row == END
    return kept


@njit(nogil=True, cache=True)
def _prefix(text: Bytes, start: Integer, length: Integer) -> np.uint64:
    """The first eight bytes; those past the token are cleared."""
    word = load_word(text, start)
    return word & (_ALL >> np.uint64(64 - 8 * length)) if length < 8 else word


@njit(nogil=True, cache=True)
def _hash(text: Bytes, start: Integer, length: Integer, prefix: np.uint64) -> np.uint64:
    """As the reference, without a branch for up to 16 bytes: lengths are hard to predict."""
    value = reverse_bytes((prefix ^ np.uint64(length)) * _FACTOR)
    for i in range(start + 8, start + length - 8, 8):
        value = reverse_bytes((value ^ load_word(text, i)) * _FACTOR)
    tail = load_word(text, start + max(length - 8, 0))
    return reverse_bytes((value ^ (tail if length > 8 else _NONE)) * _FACTOR)


@njit(nogil=True, cache=True)
def _same_tail(text: Bytes, start: Integer, keys: Bytes, begin: Integer, length: Integer) -> bool:
    """Whether two tokens of more than eight bytes agree from the ninth on."""
    for i in range(8, length - 8, 8):
        if load_word(text, start + i) != load_word(keys, begin + i):
            return False
    return load_word(text, start + length - 8) == load_word(keys, begin + length - 8)


@njit(nogil=True, cache=True)
def _enter(
    text: Bytes,
    start: Integer,
    length: Integer,
    prefix: np.uint64,
    place: np.uint64,
    table: TokenArrays,
    num_keys: int,
) -> bool:
    """Give a new token the next id, with count 0; False where the arrays have no room for it."""
    begin = table.offsets[num_keys]
    if num_keys == len(table.counts) or begin + length + PADDING > len(table.keys):
        return False
    table.entries[place * _TWO] = prefix
    table.entries[place * _TWO + _ONE] = np.uint64(length) << _HALF | np.uint64(num_keys + 1)
    for i in range(length):
        table.keys[begin + i] = text[start + i]
    table.offsets[num_keys + 1] = begin + length
    table.counts[num_keys] = 0
    return True
