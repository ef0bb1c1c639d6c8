"""Text to ids in one pass: each token gets the next free id where it is first seen.

A `TokenArrays` is an open-addressing table. Place p is two 64-bit words of `entries`: the token's
first eight bytes (little-endian, short tokens filled with zeros), then its length << 32 | id + 1; an
empty place holds zero in the second word. So a token of up to eight bytes is compared by two words
and nothing else is touched; a longer one is compared with the packed `keys` as well. The search
starts at ``hash_token(token) & (places - 1)`` and moves on by one place.

`count_tokens` stops where the arrays have no room for a new token, and returns how far it came: the
caller grows them and goes on from there. Text and keys are followed by PADDING bytes, so that kernels may
read whole machine words at their ends.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
from jaxtyping import Int32, UInt64

from rowspace.arrays import END, Bytes, Counts, Offsets, Stream

PADDING = 64  # bytes after the end of a text (spaces) and of packed keys (anything)
HASH_FACTOR = 0x9E3779B97F4A7C15  # 2**64 / golden ratio (Knuth, TAOCP 3, 6.4)
_BITS = 0xFFFFFFFFFFFFFFFF

Bounds = Int32[np.ndarray, "tokens"]  # where tokens start or stop in a text of less than 2 GiB
Room = Int32[np.ndarray, "room"]  # for as many bounds as there may be
RowOfKey = Int32[np.ndarray, "keys"]  # negative: the key has no row


class TokenArrays(NamedTuple):
    """The table and what it knows of each token id; `counts` has room for half the places."""

    entries: UInt64[np.ndarray, "places_times_2"]
    keys: Bytes  # token i is keys[offsets[i]:offsets[i + 1]]; PADDING spare bytes at the end
    offsets: Offsets
    counts: Counts


def hash_token(token: bytes) -> int:
    """Multiply and turn round the token eight bytes at a time, the last eight overlapping.

    The upper bytes of a product depend on all bytes of its factors, the lower ones do not: so each
    product has its bytes reversed before it meets the next word or the mask. In [0, 2**64).
    """
    value = _multiply(_word(token, 0) ^ len(token))
    for start in range(8, len(token) - 8, 8):
        value = _multiply(value ^ _word(token, start))
    return _multiply(value ^ (_word(token, len(token) - 8) if len(token) > 8 else 0))


def cut_text(text: Bytes, starts: Room, stops: Room) -> int:
    """Write where each token of text[:-PADDING] starts and stops; return how many there are.

    ASCII white space divides tokens. A newline gives an empty token: the end of a document. The
    arrays need room for as many tokens as the text has bytes.
    """
    num_tokens = 0
    for match in re.finditer(rb"[^ \t\n\r\v\f]+|\n", text[: len(text) - PADDING].tobytes()):
        starts[num_tokens] = match.start()
        stops[num_tokens] = match.start() if match.group() == b"\n" else match.end()
        num_tokens += 1
    return num_tokens


def count_tokens(
    text: Bytes, starts: Bounds, stops: Bounds, first: int, table: TokenArrays, num_keys: int, ids: Stream
) -> tuple[int, int]:
    """Write the id of each token from `first` on, and count it; return (position, num_keys).

    Token i is text[starts[i]:stops[i]]; an empty one is written as END. The position is the number
    of tokens, or the token for which the table must grow first.
    """
    for position in range(first, len(starts)):
        token = text[starts[position] : stops[position]].tobytes()
        if not token:
            ids[position] = END
            continue
        place, token_id = _probe(token, table)
        if token_id < 0:
            if not _enter(token, place, table, num_keys):
                return position, num_keys
            token_id, num_keys = num_keys, num_keys + 1
        table.counts[token_id] += 1
        ids[position] = token_id
    return len(starts), num_keys


def rehash_(table: TokenArrays, num_keys: int) -> None:
    """Enter the first `num_keys` keys into the empty `entries` of a grown table."""
    for token_id in range(num_keys):
        token = table.keys[table.offsets[token_id] : table.offsets[token_id + 1]].tobytes()
        _occupy(token, _probe(token, table)[0], table, token_id)


def remap_(ids: Stream, row_of: RowOfKey) -> int:
    """Replace each id by row_of[id] in place, drop the negative ones; return how many ids are left.

    An END after an END goes too; one at the start stays, for the caller knows what came before.
    """
    rows = np.where(ids == END, END, row_of[ids] if len(row_of) else END)
    rows = rows[(ids == END) | (rows >= 0)]
    repeated = np.zeros(len(rows), np.bool_)
    repeated[1:] = (rows[1:] == END) & (rows[:-1] == END)
    kept = rows[~repeated]
    ids[: len(kept)] = kept
    return len(kept)


def _word(token: bytes, start: int) -> int:
    return int.from_bytes(token[start : start + 8], "little")


def _multiply(value: int) -> int:
    return int.from_bytes(((value * HASH_FACTOR) & _BITS).to_bytes(8, "little"), "big")


def _probe(token: bytes, table: TokenArrays) -> tuple[int, int]:
    """Where the search for `token` ends: its place, and its id or -1."""
    mask = len(table.entries) // 2 - 1
    place = hash_token(token) & mask
    while True:
        token_id = (int(table.entries[2 * place + 1]) & 0xFFFFFFFF) - 1
        if token_id < 0:
            return place, -1
        if table.keys[table.offsets[token_id] : table.offsets[token_id + 1]].tobytes() == token:
            return place, token_id
        place = (place + 1) & mask


def _enter(token: bytes, place: int, table: TokenArrays, num_keys: int) -> bool:
    """Give a new token the next id, with count 0; False where the arrays have no room for it."""
    begin = int(table.offsets[num_keys])
    if num_keys == len(table.counts) or begin + len(token) + PADDING > len(table.keys):
        return False
    _occupy(token, place, table, num_keys)
    table.keys[begin : begin + len(token)] = np.frombuffer(token, np.uint8)
    table.offsets[num_keys + 1] = begin + len(token)
    table.counts[num_keys] = 0
    return True


def _occupy(token: bytes, place: int, table: TokenArrays, token_id: int) -> None:
    table.entries[2 * place] = _word(token, 0)
    table.entries[2 * place + 1] = len(token) << 32 | (token_id + 1)
