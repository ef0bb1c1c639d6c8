"""The rows of n-grams in Numba: the same numbers as ``reference.ngram_hashes``, in bulk.

FNV-1a grows byte by byte, so the n-grams of one first character share all their work but the last step.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from rowspace.arrays import Bytes, Offsets, RowIds
from rowspace.kernels.reference.ngram_hashes import END_OF_SENTENCE, FNV_PRIME, FNV_START

Integer = int | np.integer[Any]

_START = np.uint32(FNV_START)
_PRIME = np.uint32(FNV_PRIME)
_SIGN = np.uint32(0xFFFFFF00)
_LEFT, _RIGHT = ord("<"), ord(">")
_END = np.frombuffer(END_OF_SENTENCE, np.uint8)
_FACTOR_1 = np.uint64(0x87C37B91114253D5)
_FACTOR_2 = np.uint64(0x4CF5AD432745937F)
_AVALANCHE_1 = np.uint64(0xFF51AFD7ED558CCD)
_AVALANCHE_2 = np.uint64(0xC4CEB9FE1A85EC53)
_FIVE = np.uint64(5)
_ADD_1 = np.uint64(0x52DCE729)
_ADD_2 = np.uint64(0x38495AB5)
_8, _32, _33, _64 = np.uint64(8), np.uint64(32), np.uint64(33), np.uint64(64)
_LOW = np.uint64(0xFFFFFFFF)


def ngram_bags(data: Bytes, offsets: Offsets, min_n: int, max_n: int, buckets: int) -> tuple[RowIds, Offsets]:
    """The bucket of each n-gram of each packed key, and where the bag of each key begins."""
    data, offsets = _frozen(data), _frozen(offsets)
    bag_offsets = np.zeros(len(offsets), np.int64)
    _count_ngrams(data, offsets, max(min_n, 1), max_n, 0, bag_offsets[1:])
    np.cumsum(bag_offsets, out=bag_offsets)
    ids = np.empty(bag_offsets[-1], np.int64)
    _fill_ngrams(data, offsets, max(min_n, 1), max_n, np.uint32(buckets), bag_offsets, ids)
    return ids, bag_offsets


def floret_bags(
    data: Bytes, offsets: Offsets, min_n: int, max_n: int, buckets: int, hashes: int, seed: int
) -> tuple[RowIds, Offsets]:
    """`hashes` buckets of the whole word and of each n-gram, and where the bag of each key begins."""
    data, offsets = _frozen(data), _frozen(offsets)
    bag_offsets = np.zeros(len(offsets), np.int64)
    _count_ngrams(data, offsets, max(min_n, 1), max_n, 1, bag_offsets[1:])
    np.cumsum(bag_offsets, out=bag_offsets)
    bag_offsets *= hashes
    ids = np.empty(bag_offsets[-1], np.int64)
    _fill_floret(
        data, offsets, max(min_n, 1), max_n, np.uint64(buckets), hashes, np.uint64(seed), bag_offsets, ids
    )
    return ids, bag_offsets


def _frozen(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A read-only view: mapped arrays are read-only, and one kind of argument is compiled once."""
    view = array.view()
    view.flags.writeable = False
    return view


@njit(nogil=True, cache=True)
def _marked(data: Bytes, start: Integer, end: Integer, word: Bytes) -> Integer:
    """Write ``<key>`` into `word`; return its length."""
    word[0] = _LEFT
    for place in range(start, end):
        word[place - start + 1] = data[place]
    word[end - start + 1] = _RIGHT
    return end - start + 2


@njit(nogil=True, cache=True)
def _longest(offsets: Offsets) -> Integer:
    longest = 0
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    return longest


@njit(nogil=True, cache=True)
def _is_end_of_sentence(data: Bytes, start: Integer, end: Integer) -> bool:
    if end - start != len(_END):
        return False
    for i in range(len(_END)):  # noqa: SIM110
        if data[start + i] != _END[i]:
            return False
    return True


@njit(nogil=True, cache=True)
def _count_ngrams(
    data: Bytes, offsets: Offsets, min_n: Integer, max_n: Integer, more: Integer, counts: RowIds
) -> None:
    """The n-grams of each key, and `more` besides: of C characters, C - n + 1 have length n."""
    for i in range(len(counts)):
        start, end = offsets[i], offsets[i + 1]
        counts[i] = more
        if _is_end_of_sentence(data, start, end):
            continue
        characters = 2
        for place in range(start, end):
            characters += (data[place] & 0xC0) != 0x80
        for n in range(min_n, min(max_n, characters) + 1):
            counts[i] += characters - n + 1 if n > 1 else characters - 2


@njit(nogil=True, cache=True)
def _fill_ngrams(
    data: Bytes, offsets: Offsets, min_n: Integer, max_n: Integer, buckets: np.uint32, bag_offsets: Offsets,
    ids: RowIds,
) -> None:  # fmt: skip
    word = np.empty(_longest(offsets) + 2, np.uint8)
    for i in range(len(offsets) - 1):
        filled = bag_offsets[i]
        if filled == bag_offsets[i + 1]:
            continue
        length = _marked(data, offsets[i], offsets[i + 1], word)
        for first in range(length):
            if word[first] & 0xC0 == 0x80:
                continue
            value, place = _START, int(first)
            for n in range(1, max_n + 1):
                if place == length:
                    break
                value, place = _next_character(word, length, place, value)
                if n >= min_n and not (n == 1 and (first == 0 or place == length)):
                    ids[filled] = value % buckets
                    filled += 1


@njit(nogil=True, cache=True)
def _next_character(word: Bytes, length: Integer, place: int, value: np.uint32) -> tuple[np.uint32, int]:
    """FNV-1a taken on by the character at `place`, and the place after it."""
    while True:
        byte = np.uint32(word[place])
        if byte >= np.uint32(0x80):
            byte |= _SIGN
        value = np.uint32(np.uint32(value ^ byte) * _PRIME)
        place += 1
        if place == length or word[place] & 0xC0 != 0x80:
            return value, place


@njit(nogil=True, cache=True)
def _fill_floret(
    data: Bytes, offsets: Offsets, min_n: Integer, max_n: Integer, buckets: np.uint64, hashes: Integer,
    seed: np.uint64, bag_offsets: Offsets, ids: RowIds,
) -> None:  # fmt: skip
    word = np.empty(_longest(offsets) + 2, np.uint8)
    for i in range(len(offsets) - 1):
        length = _marked(data, offsets[i], offsets[i + 1], word)
        filled = bag_offsets[i]
        _put_hashes(word, 0, length, buckets, hashes, seed, ids, filled)
        filled += hashes
        if filled == bag_offsets[i + 1]:
            continue
        for first in range(length):
            if word[first] & 0xC0 == 0x80:
                continue
            place = first
            for n in range(1, max_n + 1):
                if place == length:
                    break
                place += 1
                while place < length and word[place] & 0xC0 == 0x80:
                    place += 1
                if n >= min_n and not (n == 1 and (first == 0 or place == length)):
                    _put_hashes(word, first, place, buckets, hashes, seed, ids, filled)
                    filled += hashes


@njit(nogil=True, cache=True)
def _put_hashes(
    word: Bytes, start: Integer, end: Integer, buckets: np.uint64, hashes: Integer, seed: np.uint64,
    ids: RowIds, filled: Integer,
) -> None:  # fmt: skip
    first, second = _murmur3(word, start, end, seed)
    for k in range(hashes):
        value = first if k < 2 else second
        if k & 1:
            value >>= _32
        ids[filled + k] = (value & _LOW) % buckets


@njit(nogil=True, cache=True)
def _murmur3(word: Bytes, start: Integer, end: Integer, seed: np.uint64) -> tuple[np.uint64, np.uint64]:
    """MurmurHash3_x64_128 of word[start:end]: see the reference for its steps."""
    first, second = seed, seed
    place = start
    while end - place >= 16:
        first ^= _scramble(_long(word, place, place + 8), _FACTOR_1, np.uint64(31), _FACTOR_2)
        first = (_rotate(first, np.uint64(27)) + second) * _FIVE + _ADD_1
        second ^= _scramble(_long(word, place + 8, place + 16), _FACTOR_2, _33, _FACTOR_1)
        second = (_rotate(second, np.uint64(31)) + first) * _FIVE + _ADD_2
        place += 16
    length = np.uint64(end - start)
    low, high = _long(word, place, min(place + 8, end)), _long(word, place + 8, end)
    first ^= _scramble(low, _FACTOR_1, np.uint64(31), _FACTOR_2) ^ length
    second ^= _scramble(high, _FACTOR_2, _33, _FACTOR_1) ^ length
    first += second
    second += first
    first, second = _avalanche(first), _avalanche(second)
    first += second
    second += first
    return first, second


@njit(nogil=True, cache=True)
def _long(word: Bytes, start: Integer, end: Integer) -> np.uint64:
    """The bytes word[start:end], at most eight, as a little-endian number."""
    value = np.uint64(0)
    for place in range(end - 1, start - 1, -1):
        value = value << _8 | np.uint64(word[place])
    return value


@njit(nogil=True, cache=True)
def _scramble(value: np.uint64, before: np.uint64, turn: np.uint64, after: np.uint64) -> np.uint64:
    return _rotate(value * before, turn) * after


@njit(nogil=True, cache=True)
def _rotate(value: np.uint64, turn: np.uint64) -> np.uint64:
    return value << turn | value >> (_64 - turn)


@njit(nogil=True, cache=True)
def _avalanche(value: np.uint64) -> np.uint64:
    value = (value ^ value >> _33) * _AVALANCHE_1
    value = (value ^ value >> _33) * _AVALANCHE_2
    return value ^ value >> _33
