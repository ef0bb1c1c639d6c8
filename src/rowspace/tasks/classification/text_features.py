"""What the rows of a linear text model stand for: words, word n-grams and character n-grams."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Int32, UInt64

from rowspace import kernels
from rowspace.arrays import Counts, Offsets, PackedKeys, RowIds, Stream
from rowspace.corpus.block import Block
from rowspace.corpus.token_table import TokenTable
from rowspace.kernels.reference.text_features import (
    CodeSlots,
    EntryCounts,
    EntryRows,
    Numbers,
    RowOfWord,
    Sizes,
)
from rowspace.vocabulary import Words

END_OF_TEXT = "</s>"  # a word that every text ends with, as in fastText: it learns how frequent labels are
LEAST_SLOTS = 1 << 10

Codes = UInt64[np.ndarray, "_"]
CodeRows = Int32[np.ndarray, "codes"]
RowCounts = Int32[np.ndarray, "rows"]


@dataclass(frozen=True, eq=False)
class Entries:
    """Texts as bags: text t has row rows[e] counts[e] times, e from offsets[t] to offsets[t + 1]."""

    rows: EntryRows
    counts: EntryCounts
    offsets: Offsets
    sizes: Sizes  # the rows of a text with their repeats

    def __len__(self) -> int:
        return len(self.sizes)


class Occurrences(NamedTuple):
    """Rows met in a text: each belongs to `lengths` words from the word `firsts` on."""

    words: list[str]  # the end of the text is the last
    rows: RowIds
    firsts: RowIds
    lengths: RowIds


@dataclass(frozen=True)
class NgramRule:
    """Which n-grams have rows, and in how many buckets their codes fall."""

    word_ngrams: int
    min_n: int
    max_n: int
    buckets: int

    @property
    def has_pieces(self) -> bool:
        """Whether words have character n-grams."""
        return self.max_n > 0


@dataclass(frozen=True, eq=False)
class TextFeatures:
    """Words have the rows 0 to len(words), n-grams the rows that `code_rows` says; others have none.

    N-grams that occurred once in all training texts share one row a text: they took the same steps, so
    rows of their own would be equal but for where they started.
    """

    words: Words
    codes: Codes
    code_rows: CodeRows
    rule: NgramRule

    def entries(self, block: Block) -> Entries:
        """The bags of the documents in `block`, of rows that training has met."""
        told = _Told(block, self.rule)
        row_of = self.words.find_all(told.keys).astype(np.int32)
        return told.entries(
            row_of,
            self.words.find(END_OF_TEXT),
            self._rows_of(told.ngrams),
            self._rows_of(told.pieces),
            num_rows=int(max(len(self.words), self.code_rows.max(initial=-1) + 1)),
        )

    def occurrences(self, block: Block) -> Occurrences:
        """What of one document has a row, and which words it spans; a document of its own in `block`."""
        told = _Told(block, self.rule)
        row_of = self.words.find_all(told.keys)
        ids = told.ids[:-1].tolist()
        end = len(ids)
        pieces, offsets = self._rows_of(told.pieces), told.piece_offsets
        found = [(int(row_of[word]), place, 1) for place, word in enumerate(ids)]
        found.append((self.words.find(END_OF_TEXT), end, 1))
        for place, word in enumerate(ids):
            found += [(row, place, 1) for row in pieces[offsets[word] : offsets[word + 1]].tolist()]
        spans = [
            (first, last - first + 1)
            for first in range(end + 1)
            for last in range(first + 1, min(first + self.rule.word_ngrams, end + 1))
        ]
        found += [(row, *span) for row, span in zip(self._rows_of(told.ngrams).tolist(), spans, strict=True)]
        met = np.array([each for each in found if each[0] >= 0], np.int64).reshape(-1, 3)
        return Occurrences([*(told.keys[word] for word in ids), END_OF_TEXT], met[:, 0], met[:, 1], met[:, 2])

    def _rows_of(self, codes: Codes) -> Numbers:
        module = kernels.load("text_features")
        numbers = module.find_codes(self._slots, self.codes, codes)
        rows: Numbers = np.where(numbers >= 0, self.code_rows[numbers], -1) if len(self.codes) else numbers
        return rows

    @cached_property
    def _slots(self) -> CodeSlots:
        slots = empty_slots(len(self.codes))
        numbers = np.empty(len(self.codes), np.int32)
        kernels.load("text_features").enter_codes_(slots, np.empty_like(self.codes), 0, self.codes, numbers)
        return slots


class _Told:
    """The tokens of a block, and the codes of all its n-grams."""

    def __init__(self, block: Block, rule: NgramRule) -> None:
        self._kernel = kernels.load("text_features")
        self._table = TokenTable()
        self.ids: Stream = self._table.count(block)
        self.keys, self.counts = self._table.keys, self._table.counts
        self.ngrams, self._ngram_offsets = self._ngram_codes(rule)
        self.pieces, self.piece_offsets = self._piece_codes(rule)

    def entries(
        self, row_of: RowOfWord, end_row: int, ngrams: Numbers, pieces: Numbers, *, num_rows: int
    ) -> Entries:
        """The bags, given the row of each word and of each code."""
        rows, counts, offsets, sizes = self._kernel.count_entries(
            self.ids, row_of, end_row, ngrams, self._ngram_offsets, pieces, self.piece_offsets, num_rows
        )
        return Entries(rows, counts, offsets, sizes)

    def _ngram_codes(self, rule: NgramRule) -> tuple[Codes, Offsets]:
        hashes = self._kernel.hash_words(self.keys.data, self.keys.offsets)
        end = PackedKeys.from_strings([END_OF_TEXT])
        end_hash = int(self._kernel.hash_words(end.data, end.offsets)[0])
        codes: tuple[Codes, Offsets] = self._kernel.ngram_codes(
            self.ids, hashes, end_hash, rule.word_ngrams, rule.buckets
        )
        return codes

    def _piece_codes(self, rule: NgramRule) -> tuple[Codes, Offsets]:
        """Codes of character n-grams follow those of word n-grams, so that the two never meet."""
        if not rule.has_pieces:
            return np.empty(0, np.uint64), np.zeros(len(self.keys) + 1, np.int64)
        buckets, offsets = kernels.load("ngram_hashes").ngram_bags(
            self.keys.data, self.keys.offsets, rule.min_n, rule.max_n, rule.buckets
        )
        return (buckets + rule.buckets).astype(np.uint64), offsets


@dataclass(frozen=True, eq=False)
class Learned:
    """Features of training texts, with the bags of these texts."""

    features: TextFeatures
    entries: Entries
    num_own: int  # rows of words and of n-grams that have one for themselves
    num_rows: int  # with the shared ones

    @property
    def row_counts(self) -> RowCounts:
        """How often the texts have each row."""
        entries = self.entries
        return np.bincount(entries.rows, entries.counts, self.num_rows).astype(np.int32)


def learn_features(
    block: Block, rule: NgramRule, *, min_count: int, order_words: Callable[[PackedKeys, Counts, int], Words]
) -> Learned:
    """Give rows to what the documents of `block` hold: words met `min_count` times, and all n-grams.

    `order_words` takes words and counts and returns the words in row order, perhaps with more.
    """
    told = _Told(block, rule)
    words = order_words(told.keys, told.counts, min_count)
    row_of = words.find_all(told.keys).astype(np.int32)
    codes, ngrams, pieces = _number(told.ngrams, told.pieces)
    entries = told.entries(
        row_of,
        words.find(END_OF_TEXT),
        ngrams + np.int32(len(words)),
        pieces + np.int32(len(words)),
        num_rows=len(words) + len(codes),
    )
    return _share(TextFeatures(words, codes, np.empty(0, np.int32), rule), entries)


def empty_slots(num_codes: int) -> CodeSlots:
    """An empty table that `num_codes` codes fill by half at most."""
    return np.full(max(LEAST_SLOTS, 1 << (2 * num_codes - 1).bit_length() if num_codes else 0), -1, np.int32)


def _number(ngrams: Codes, pieces: Codes) -> tuple[Codes, Numbers, Numbers]:
    """The distinct codes, and the number of each code among them."""
    module = kernels.load("text_features")
    most = len(ngrams) + len(pieces)
    slots, known = empty_slots(most), np.empty(most, np.uint64)
    numbers, piece_numbers = np.empty(len(ngrams), np.int32), np.empty(len(pieces), np.int32)
    count = module.enter_codes_(slots, known, 0, ngrams, numbers)
    count = module.enter_codes_(slots, known, count, pieces, piece_numbers)
    return known[:count].copy(), numbers, piece_numbers


def _share(features: TextFeatures, entries: Entries) -> Learned:
    """Let the n-grams that occur once share a row a text."""
    num_words, num_codes = len(features.words), len(features.codes)
    often = np.bincount(entries.rows, entries.counts, num_words + num_codes)
    owns = often > 1
    owns[:num_words] = True
    new_row = np.where(owns, np.cumsum(owns) - 1, -1).astype(np.int32)
    first_shared = int(owns.sum())
    shared = np.flatnonzero(~owns[entries.rows])
    text_of = np.searchsorted(entries.offsets, shared, side="right") - 1
    code_rows = new_row[num_words:].copy()
    code_rows[entries.rows[shared] - num_words] = first_shared + text_of
    rows, counts, offsets = kernels.load("text_features").share_rows(
        entries.rows, entries.counts, entries.offsets, new_row, first_shared
    )
    told = TextFeatures(features.words, features.codes, code_rows, features.rule)
    return Learned(
        told, Entries(rows, counts, offsets, entries.sizes), first_shared, first_shared + len(entries)
    )
