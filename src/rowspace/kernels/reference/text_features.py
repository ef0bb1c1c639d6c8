"""From the words of texts to bags of rows: word n-grams as fastText hashes them, and repeats counted once.

A text is a run of ids that ends with END; the END itself counts as the word ``</s>``, as in fastText. The
code of an n-gram of words with 32-bit hashes h1 ... hn, each signed, is ((h1 f + h2) f + h3) ... in 64
bits modulo the buckets (Joulin et al., EACL 2017). A `CodeSlots` array is an open-addressing table of
positions in the known codes, -1 where it is empty; the search starts at the upper bits of code *
HASH_FACTOR.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from jaxtyping import Float32, Int32, UInt64

from rowspace.arrays import END, Bytes, Offsets, Stream
from rowspace.kernels.reference.ngram_hashes import hash_ngram
from rowspace.kernels.reference.token_scan import HASH_FACTOR

NGRAM_FACTOR = 116049371
_BITS = 0xFFFFFFFFFFFFFFFF

Hashes = Int32[np.ndarray, "words"]
Codes = UInt64[np.ndarray, "_"]
CodeSlots = Int32[np.ndarray, "capacity"]
Numbers = Int32[np.ndarray, "_"]
RowOfWord = Int32[np.ndarray, "words"]  # -1: the word has no row
EntryRows = Int32[np.ndarray, "entries"]
EntryCounts = Float32[np.ndarray, "entries"]
Sizes = Int32[np.ndarray, "texts"]


def hash_words(data: Bytes, offsets: Offsets) -> Hashes:
    """FastText's 32-bit hash of each packed key, as a signed number."""
    values = [hash_ngram(data[start:stop].tobytes()) for start, stop in pairwise(offsets.tolist())]
    return np.array(values, np.uint32).view(np.int32)


def ngram_codes(
    ids: Stream, hashes: Hashes, end_hash: int, longest: int, buckets: int
) -> tuple[Codes, Offsets]:
    """The codes of all n-grams of 2 to `longest` words, by first word, and where those of each text begin."""
    codes: list[int] = []
    offsets = [0]
    for text in _texts(ids):
        words = [*hashes[text].tolist(), end_hash]
        for first in range(len(words)):
            code = words[first]
            for word in words[first + 1 : first + longest]:
                code = (code * NGRAM_FACTOR + word) & _BITS
                codes.append(code % buckets)
        offsets.append(len(codes))
    return np.array(codes, np.uint64), np.array(offsets, np.int64)


def enter_codes_(slots: CodeSlots, known: Codes, num_known: int, codes: Codes, numbers: Numbers) -> int:
    """Write the number of each code, giving new ones the next; return how many are known then.

    `slots` and `known` must have room: more slots than codes that may come.
    """
    for place, code in enumerate(codes.tolist()):
        slot = _find(slots, known, code)
        if slots[slot] < 0:
            known[num_known] = code
            slots[slot] = num_known
            num_known += 1
        numbers[place] = slots[slot]
    return num_known


def find_codes(slots: CodeSlots, known: Codes, codes: Codes) -> Numbers:
    """The number of each code, -1 for those that were never entered."""
    return np.array([slots[_find(slots, known, code)] for code in codes.tolist()], np.int32)


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
    rows: list[int] = []
    counts: list[int] = []
    offsets, sizes = [0], []
    for number, text in enumerate(_texts(ids)):
        found = [*row_of[text].tolist(), end_row]
        for word in text.tolist():
            found += piece_rows[piece_offsets[word] : piece_offsets[word + 1]].tolist()
        found += ngram_rows[ngram_offsets[number] : ngram_offsets[number + 1]].tolist()
        found = [row for row in found if row >= 0]
        if found and max(found) >= num_rows:
            raise IndexError(f"row {max(found)} of {num_rows}")
        distinct = list(dict.fromkeys(found))
        rows += distinct
        counts += [found.count(row) for row in distinct]
        offsets.append(len(rows))
        sizes.append(len(found))
    arrays = np.array(rows, np.int32), np.array(counts, np.float32), np.array(offsets, np.int64)
    return *arrays, np.array(sizes, np.int32)


def share_rows(
    rows: EntryRows, counts: EntryCounts, offsets: Offsets, new_row: RowOfWord, first_shared: int
) -> tuple[EntryRows, EntryCounts, Offsets]:
    """Renumber entries; those whose new row is negative become one entry of their text, its last.

    Text t has the row first_shared + t for them, and its count is how many there are.
    """
    new_rows: list[int] = []
    new_counts: list[float] = []
    new_offsets = [0]
    for text in range(len(offsets) - 1):
        shared = 0
        for place in range(offsets[text], offsets[text + 1]):
            if new_row[rows[place]] < 0:
                shared += 1
            else:
                new_rows.append(new_row[rows[place]])
                new_counts.append(counts[place])
        if shared:
            new_rows.append(first_shared + text)
            new_counts.append(shared)
        new_offsets.append(len(new_rows))
    return np.array(new_rows, np.int32), np.array(new_counts, np.float32), np.array(new_offsets, np.int64)


def _texts(ids: Stream) -> list[Stream]:
    """The words of each text, without its END."""
    ends = np.flatnonzero(ids == END)
    return (
        [ids[begin:end] for begin, end in zip([0, *(ends[:-1] + 1)], ends, strict=True)] if len(ends) else []
    )


def _find(slots: CodeSlots, known: Codes, code: int) -> int:
    """The slot that holds `code`, or the empty one where it belongs."""
    bits = (len(slots) - 1).bit_length()
    slot = ((code * HASH_FACTOR) & _BITS) >> (64 - bits)
    while slots[slot] >= 0 and int(known[slots[slot]]) != code:
        slot = (slot + 1) % len(slots)
    return slot
