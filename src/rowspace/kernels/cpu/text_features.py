"""Bags of rows in Numba: the same arrays as ``reference.text_features``.

Codes are looked up in a table far larger than any cache: `enter_codes_` and `find_codes` ask for the slot
of a later code while they compare an earlier one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from rowspace.arrays import END, Bytes, Offsets, Stream
from rowspace.kernels.cpu.row_lanes import prefetch_shared_row
from rowspace.kernels.cpu.simd import pointer
from rowspace.kernels.reference.ngram_hashes import FNV_PRIME, FNV_START
from rowspace.kernels.reference.text_features import (
    NGRAM_FACTOR,
    Codes,
    CodeSlots,
    EntryCounts,
    EntryRows,
    Hashes,
    Numbers,
    RowOfWord,
    Sizes,
)
from rowspace.kernels.reference.token_scan import HASH_FACTOR

Integer = int | np.integer[Any]

_START, _PRIME = np.uint32(FNV_START), np.uint32(FNV_PRIME)
_SIGN = np.uint32(0xFFFFFF00)
_FACTOR = np.uint64(NGRAM_FACTOR)
_SPREAD = np.uint64(HASH_FACTOR)
_WORD_BITS = 64
AHEAD = 12  # codes between asking for a slot and reading it


def hash_words(data: Bytes, offsets: Offsets) -> Hashes:
    """FastText's 32-bit hash of each packed key, as a signed number."""
    hashes = np.empty(len(offsets) - 1, np.uint32)
    _hash_words(_frozen(data), _frozen(offsets), hashes)
    return hashes.view(np.int32)


def ngram_codes(
    ids: Stream, hashes: Hashes, end_hash: int, longest: int, buckets: int
) -> tuple[Codes, Offsets]:
    """The codes of all n-grams of 2 to `longest` words, by first word, and where those of each text begin."""
    ends = np.flatnonzero(ids == END)
    lengths = np.diff(ends, prepend=-1)  # with the END
    offsets = np.zeros(len(ends) + 1, np.int64)
    for n in range(2, longest + 1):
        offsets[1:] += np.maximum(lengths - n + 1, 0)
    np.cumsum(offsets, out=offsets)
    codes = np.empty(offsets[-1], np.uint64)
    _fill_codes(ids, hashes, end_hash, longest, np.uint64(buckets), codes)
    return codes, offsets


def enter_codes_(slots: CodeSlots, known: Codes, num_known: int, codes: Codes, numbers: Numbers) -> int:
    """Write the number of each code, giving new ones the next; return how many are known then.

    `slots` and `known` must have room: more slots than codes that may come.
    """
    return int(_enter(slots, known, num_known, codes, numbers))


def find_codes(slots: CodeSlots, known: Codes, codes: Codes) -> Numbers:
    """The number of each code, -1 for those that were never entered."""
    numbers = np.empty(len(codes), np.int32)
    _find(_frozen(slots), _frozen(known), codes, numbers)
    return numbers


def count_entries(
    ids: Stream,
    row_of: RowOfWord,
    end_row: int,
    ngram_rows: Numbers,
    ngram_offsets: Offsets,
    piece_rows: Numbers,
    piece_offsets: Offsets,
    num_rows: int,
) -> tuple[EntryRows, EntryCounts, Offsets, Sizes]:
    """The distinct rows of each text, how often each occurs, and the size of the text: all occurrences.

    Word w has the row row_of[w] and the pieces (character n-grams) piece_rows[piece_offsets[w]:...]; text t
    has the n-grams ngram_rows[ngram_offsets[t]:...]. Negative rows are left out.
    """
    words = ids[ids != END]
    most = len(ids) + len(ngram_rows) + int((piece_offsets[words + 1] - piece_offsets[words]).sum())
    rows, counts = np.empty(most, np.int32), np.empty(most, np.float32)
    offsets = np.zeros(len(ngram_offsets), np.int64)
    sizes = np.zeros(len(ngram_offsets) - 1, np.int32)
    seen_at = np.full(num_rows, -1, np.int64)
    used = _count(
        ids, row_of, end_row, ngram_rows, ngram_offsets, piece_rows, piece_offsets,
        seen_at, rows, counts, offsets, sizes,
    )  # fmt: skip
    return rows[:used].copy(), counts[:used].copy(), offsets, sizes


def share_rows(
    rows: EntryRows, counts: EntryCounts, offsets: Offsets, new_row: RowOfWord, first_shared: int
) -> tuple[EntryRows, EntryCounts, Offsets]:
    """Renumber entries; those whose new row is negative become one entry of their text, its last.

    Text t has the row first_shared + t for them, and its count is how many there are.
    """
    most = len(rows)
    new_rows, new_counts = np.empty(most, np.int32), np.empty(most, np.float32)
    new_offsets = np.zeros(len(offsets), np.int64)
    used = _share(rows, counts, offsets, new_row, first_shared, new_rows, new_counts, new_offsets)
    return new_rows[:used].copy(), new_counts[:used].copy(), new_offsets


def _frozen(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A read-only view: mapped arrays are read-only, and one kind of argument is compiled once."""
    view = array.view()
    view.flags.writeable = False
    return view


@njit(nogil=True, cache=True)
def _hash_words(data: Bytes, offsets: Offsets, hashes: np.ndarray[Any, Any]) -> None:
    for word in range(len(hashes)):
        value = _START
        for place in range(offsets[word], offsets[word + 1]):
            byte = np.uint32(data[place])
            if byte >= np.uint32(0x80):
                byte |= _SIGN
            value = np.uint32(np.uint32(value ^ byte) * _PRIME)
        hashes[word] = value


@njit(nogil=True, cache=True)
def _fill_codes(
    ids: Stream, hashes: Hashes, end_hash: int, longest: int, buckets: np.uint64, codes: Codes
) -> None:
    filled = 0
    for first in range(len(ids)):
        if ids[first] == END:
            continue
        code = np.uint64(np.int64(hashes[ids[first]]))
        for place in range(first + 1, min(first + longest, len(ids))):
            at_end = ids[place] == END
            word = np.int64(end_hash) if at_end else np.int64(hashes[ids[place]])
            code = code * _FACTOR + np.uint64(word)
            codes[filled] = code % buckets
            filled += 1
            if at_end:
                break


@njit(nogil=True, cache=True)
def _start(code: np.uint64, num_slots: int) -> Integer:
    """Where the search for a code starts: the upper bits of a product depend on all of its factors."""
    bits = 0
    while (1 << bits) < num_slots:
        bits += 1
    return np.int64((code * _SPREAD) >> np.uint64(_WORD_BITS - bits))


@njit(nogil=True, cache=True)
def _enter(slots: CodeSlots, known: Codes, num_known: int, codes: Codes, numbers: Numbers) -> int:
    last, base = len(slots) - 1, pointer(slots)
    for place in range(len(codes)):
        if place + AHEAD < len(codes):
            prefetch_shared_row(base, int(_start(codes[place + AHEAD], len(slots))), 1)
        slot = _start(codes[place], len(slots))
        while slots[slot] >= 0 and known[slots[slot]] != codes[place]:
            slot = (slot + 1) & last
        if slots[slot] < 0:
            known[num_known] = codes[place]
            slots[slot] = num_known
            num_known += 1
        numbers[place] = slots[slot]
    return num_known


@njit(nogil=True, cache=True)
def _find(slots: CodeSlots, known: Codes, codes: Codes, numbers: Numbers) -> None:
    last, base = len(slots) - 1, pointer(slots)
    for place in range(len(codes)):
        if place + AHEAD < len(codes):
            prefetch_shared_row(base, int(_start(codes[place + AHEAD], len(slots))), 1)
        slot = _start(codes[place], len(slots))
        while slots[slot] >= 0 and known[slots[slot]] != codes[place]:
            slot = (slot + 1) & last
        numbers[place] = slots[slot]


@njit(nogil=True, cache=True)
def _meet(row: int, used: int, first: int, seen_at: Offsets, rows: EntryRows, counts: EntryCounts) -> int:
    """Count one occurrence of `row` in the text whose entries begin at `first`; return the entries then."""
    if seen_at[row] >= first:
        counts[seen_at[row]] += np.float32(1)
        return used
    seen_at[row] = used
    rows[used] = row
    counts[used] = np.float32(1)
    return used + 1


@njit(nogil=True, cache=True)
def _count(
    ids: Stream, row_of: RowOfWord, end_row: int, ngram_rows: Numbers, ngram_offsets: Offsets,
    piece_rows: Numbers, piece_offsets: Offsets, seen_at: Offsets, rows: EntryRows, counts: EntryCounts,
    offsets: Offsets, sizes: Sizes,
) -> int:  # fmt: skip
    used, place = 0, 0
    for text in range(len(sizes)):
        first, size, begin = used, 0, place
        while ids[place] != END:
            if row_of[ids[place]] >= 0:
                used = _meet(row_of[ids[place]], used, first, seen_at, rows, counts)
                size += 1
            place += 1
        if end_row >= 0:
            used = _meet(end_row, used, first, seen_at, rows, counts)
            size += 1
        for word in range(begin, place):
            for piece in range(piece_offsets[ids[word]], piece_offsets[ids[word] + 1]):
                if piece_rows[piece] >= 0:
                    used = _meet(piece_rows[piece], used, first, seen_at, rows, counts)
                    size += 1
        for ngram in range(ngram_offsets[text], ngram_offsets[text + 1]):
            if ngram_rows[ngram] >= 0:
                used = _meet(ngram_rows[ngram], used, first, seen_at, rows, counts)
                size += 1
        place += 1
        offsets[text + 1] = used
        sizes[text] = size
    return used


@njit(nogil=True, cache=True)
def _share(
    rows: EntryRows, counts: EntryCounts, offsets: Offsets, new_row: RowOfWord, first_shared: int,
    new_rows: EntryRows, new_counts: EntryCounts, new_offsets: Offsets,
) -> int:  # fmt: skip
    used = 0
    for text in range(len(offsets) - 1):
        shared = 0
        for place in range(offsets[text], offsets[text + 1]):
            if new_row[rows[place]] < 0:
                shared += 1
            else:
                new_rows[used] = new_row[rows[place]]
                new_counts[used] = counts[place]
                used += 1
        if shared > 0:
            new_rows[used] = first_shared + text
            new_counts[used] = shared
            used += 1
        new_offsets[text + 1] = used
    return used
