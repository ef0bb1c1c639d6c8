"""The bags of the two kernels agree, for any texts, and the n-grams are those of fastText."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace import kernels
from rowspace.arrays import END, PackedKeys

reference, cpu = kernels.load("text_features", "reference"), kernels.load("text_features", "cpu")

NUM_WORDS = 5
TEXTS = st.lists(st.lists(st.integers(0, NUM_WORDS - 1), max_size=7), min_size=1, max_size=5)
HASHES = st.lists(st.integers(-(2**31), 2**31 - 1), min_size=NUM_WORDS, max_size=NUM_WORDS)
ROWS = st.lists(st.integers(-1, 8), min_size=NUM_WORDS, max_size=NUM_WORDS)


def stream(texts) -> np.ndarray:
    return np.array([row for text in texts for row in (*text, END)], np.int32)


def same(left, right) -> bool:
    return all(a.tolist() == b.tolist() and a.dtype == b.dtype for a, b in zip(left, right, strict=True))


@settings(deadline=None)
@given(st.lists(st.binary(max_size=12), max_size=6))
def test_hash_words_agree(keys):
    packed = PackedKeys.from_bytes(keys)
    left = reference.hash_words(packed.data, packed.offsets)
    assert same([left], [cpu.hash_words(packed.data, packed.offsets)])


@settings(deadline=None)
@given(TEXTS, HASHES, st.integers(1, 4), st.sampled_from([1, 1000, 2**31]))
def test_ngram_codes_agree(texts, hashes, longest, buckets):
    arguments = stream(texts), np.array(hashes, np.int32), -7, longest, buckets
    left = reference.ngram_codes(*arguments)
    assert same(left, cpu.ngram_codes(*arguments))
    assert left[1].tolist()[-1] == len(left[0])


@pytest.mark.parametrize("module", [reference, cpu], ids=["reference", "cpu"])
def test_the_bigram_of_fasttext(module):
    """h1 * 116049371 + h2 in 64 bits, both hashes signed, as Dictionary::addWordNgrams has it."""
    hashes = np.array([-3, 5], np.int32)
    codes, offsets = module.ngram_codes(stream([[0, 1]]), hashes, 9, 2, 2_000_000)
    expected = [(-3 * 116049371 + 5) % 2**64 % 2_000_000, (5 * 116049371 + 9) % 2_000_000]
    assert codes.tolist() == expected
    assert offsets.tolist() == [0, 2]


@settings(deadline=None)
@given(st.lists(st.integers(0, 12), max_size=20), st.lists(st.integers(0, 20), max_size=20))
def test_codes_get_the_numbers_of_their_first_occurrence(entered, asked):
    found = []
    for module in (reference, cpu):
        slots, known = np.full(64, -1, np.int32), np.zeros(20, np.uint64)
        numbers = np.empty(len(entered), np.int32)
        half = len(entered) // 2
        codes = np.array(entered, np.uint64)
        count = module.enter_codes_(slots, known, 0, codes[:half], numbers[:half])
        count = module.enter_codes_(slots, known, count, codes[half:], numbers[half:])
        again = module.find_codes(slots, known, np.array(asked, np.uint64))
        found.append((slots, known[:count], numbers, again))
    assert same(*found)
    distinct = list(dict.fromkeys(entered))
    assert found[0][1].tolist() == distinct
    assert found[0][2].tolist() == [distinct.index(code) for code in entered]
    assert found[0][3].tolist() == [distinct.index(code) if code in distinct else -1 for code in asked]


@settings(deadline=None)
@given(TEXTS, ROWS, st.integers(-1, 8), st.data())
def test_entries_agree(texts, rows, end_row, data):
    lengths = data.draw(st.lists(st.integers(0, 4), min_size=len(texts), max_size=len(texts)))
    pieces = data.draw(st.lists(st.integers(0, 3), min_size=NUM_WORDS, max_size=NUM_WORDS))
    draw = lambda size: data.draw(st.lists(st.integers(-1, 8), min_size=size, max_size=size))  # noqa: E731
    arguments = (
        stream(texts), np.array(rows, np.int32), end_row,
        np.array(draw(sum(lengths)), np.int32), np.cumsum([0, *lengths]),
        np.array(draw(sum(pieces)), np.int32), np.cumsum([0, *pieces]), 9,
    )  # fmt: skip
    left = reference.count_entries(*arguments)
    assert same(left, cpu.count_entries(*arguments))
    bag_rows, counts, offsets, sizes = left
    assert np.add.reduceat(np.append(counts, 0), offsets[:-1])[np.diff(offsets) > 0].tolist() == [
        size for size in sizes.tolist() if size
    ]
    shared = np.array([row - 4 for row in range(9)], np.int32).clip(-1)
    left = reference.share_rows(bag_rows, counts, offsets, shared, 10)
    assert same(left, cpu.share_rows(bag_rows, counts, offsets, shared, 10))


def test_rows_that_occur_once_become_one_entry_of_their_text():
    rows, counts = np.array([0, 1, 2, 0, 3], np.int32), np.array([2, 1, 1, 1, 1], np.float32)
    new_row = np.array([0, -1, -1, -1], np.int32)
    for module in (reference, cpu):
        merged = module.share_rows(rows, counts, np.array([0, 3, 5]), new_row, 1)
        assert [part.tolist() for part in merged] == [[0, 1, 0, 2], [2, 2, 1, 1], [0, 2, 4]]
