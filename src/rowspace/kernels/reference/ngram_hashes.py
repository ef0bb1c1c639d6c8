"""The rows of a word's character n-grams, exactly as fastText and floret hash them.

fastText (Bojanowski et al. 2017): a word is read as ``<word>``, and an n-gram is n characters of it, where
every byte that no character begins with belongs to the character before, whatever it is; the marks alone
are none. Its bucket is 32-bit FNV-1a of its bytes, each taken as a signed char, modulo the buckets.
floret (Boyd & Warmerdam 2022): the n-grams, and the whole ``<word>`` before them, each have one to four
buckets: the 32-bit words of MurmurHash3_x64_128 (Appleby), lower half first.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from rowspace.arrays import Bytes, Offsets, RowIds

FNV_START = 2166136261
FNV_PRIME = 16777619
END_OF_SENTENCE = b"</s>"  # stands for a line's end: it has no n-grams
MOST_HASHES = 4

_WORD = 0xFFFFFFFF
_LONG = 0xFFFFFFFFFFFFFFFF
_FACTOR_1 = 0x87C37B91114253D5
_FACTOR_2 = 0x4CF5AD432745937F


def ngrams_of(key: bytes, min_n: int, max_n: int) -> Iterator[bytes]:
    """The n-grams of a key in fastText's order: by their first character, then by length."""
    if key == END_OF_SENTENCE:
        return
    word = b"<" + key + b">"
    starts = [place for place, byte in enumerate(word) if byte & 0xC0 != 0x80]
    edges = [*starts, len(word)]
    for first in range(len(starts)):
        for last in range(first + max(min_n, 1), min(first + max_n, len(starts)) + 1):
            is_mark = last == first + 1 and (first == 0 or last == len(starts))
            if not is_mark:
                yield word[edges[first] : edges[last]]


def hash_ngram(ngram: bytes) -> int:
    """32-bit FNV-1a over signed bytes: those from 0x80 on flip the upper bits too."""
    value = FNV_START
    for byte in ngram:
        value = ((value ^ byte ^ (0xFFFFFF00 if byte >= 0x80 else 0)) * FNV_PRIME) & _WORD
    return value


def ngram_bags(data: Bytes, offsets: Offsets, min_n: int, max_n: int, buckets: int) -> tuple[RowIds, Offsets]:
    """The bucket of each n-gram of each packed key, and where the bag of each key begins."""
    bags = [
        [hash_ngram(ngram) % buckets for ngram in ngrams_of(key, min_n, max_n)]
        for key in _keys(data, offsets)
    ]
    return _joined(bags)


def floret_bags(
    data: Bytes, offsets: Offsets, min_n: int, max_n: int, buckets: int, hashes: int, seed: int
) -> tuple[RowIds, Offsets]:
    """`hashes` buckets of the whole word and of each n-gram, and where the bag of each key begins."""
    bags = [
        [
            value % buckets
            for part in (b"<" + key + b">", *ngrams_of(key, min_n, max_n))
            for value in murmur3(part, seed)[:hashes]
        ]
        for key in _keys(data, offsets)
    ]
    return _joined(bags)


def murmur3(data: bytes, seed: int) -> tuple[int, int, int, int]:
    """MurmurHash3_x64_128 as four 32-bit words: the lower and upper half of each of its two longs."""
    first = second = seed
    whole = len(data) // 16 * 16
    for start in range(0, whole, 16):
        low, high = _longs(data[start : start + 16])
        first ^= _scramble(low, _FACTOR_1, 31, _FACTOR_2)
        first = ((_rotate(first, 27) + second) * 5 + 0x52DCE729) & _LONG
        second ^= _scramble(high, _FACTOR_2, 33, _FACTOR_1)
        second = ((_rotate(second, 31) + first) * 5 + 0x38495AB5) & _LONG
    low, high = _longs(data[whole:].ljust(16, b"\0"))
    first ^= _scramble(low, _FACTOR_1, 31, _FACTOR_2) ^ len(data)
    second ^= _scramble(high, _FACTOR_2, 33, _FACTOR_1) ^ len(data)
    first = (first + second) & _LONG
    second = (second + first) & _LONG
    first, second = _avalanche(first), _avalanche(second)
    first = (first + second) & _LONG
    second = (second + first) & _LONG
    return first & _WORD, first >> 32, second & _WORD, second >> 32


def _longs(block: bytes) -> tuple[int, int]:
    return int.from_bytes(block[:8], "little"), int.from_bytes(block[8:16], "little")


def _scramble(value: int, before: int, turn: int, after: int) -> int:
    return (_rotate((value * before) & _LONG, turn) * after) & _LONG


def _rotate(value: int, turn: int) -> int:
    return ((value << turn) | (value >> (64 - turn))) & _LONG


def _avalanche(value: int) -> int:
    """Murmur's finaliser: every bit of the input moves every bit of the output."""
    value = ((value ^ (value >> 33)) * 0xFF51AFD7ED558CCD) & _LONG
    value = ((value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53) & _LONG
    return value ^ (value >> 33)


def _keys(data: Bytes, offsets: Offsets) -> Iterator[bytes]:
    return (data[start:end].tobytes() for start, end in pairwise(offsets.tolist()))


def _joined(bags: list[list[int]]) -> tuple[RowIds, Offsets]:
    offsets = np.zeros(len(bags) + 1, np.int64)
    np.cumsum([len(bag) for bag in bags], out=offsets[1:])
    return np.array([bucket for bag in bags for bucket in bag], np.int64), offsets
