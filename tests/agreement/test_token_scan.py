"""The Numba token scan against the reference: the same bounds, ids, tables and streams."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace import kernels
from rowspace.kernels.reference.token_scan import PADDING, TokenArrays, hash_token

REFERENCE, CPU = kernels.load("token_scan", "reference"), kernels.load("token_scan", "cpu")
# Few letters and lengths around 8, 16 and 64, where the kernel's machine words begin and end.
WORDS = st.builds(
    lambda letters, times: (letters * times)[:70],
    st.binary(min_size=1, max_size=3),
    st.sampled_from([1, 2, 3, 4, 8, 9, 16, 17, 24, 33, 70]),
)
TEXTS = st.lists(
    st.tuples(WORDS, st.sampled_from([b" ", b"\n", b"\r\n", b"\t\v", b" \f ", b"\n\n"])), max_size=60
)


def padded(text: bytes) -> np.ndarray:
    return np.frombuffer(text + b" " * PADDING, np.uint8)


def new_table(places: int, key_bytes: int) -> TokenArrays:
    return TokenArrays(
        np.zeros(2 * places, np.uint64),
        np.zeros(key_bytes, np.uint8),
        np.zeros(places // 2 + 1, np.int64),
        np.zeros(places // 2, np.int64),
    )


def cut(kernel: object, text: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    starts, stops = np.empty(len(text), np.int32), np.empty(len(text), np.int32)
    count = kernel.cut_text(text, starts, stops)
    return starts[:count], stops[:count]


@settings(deadline=None, max_examples=80)
@given(TEXTS)
def test_cut_text_agrees(pieces: list[tuple[bytes, bytes]]) -> None:
    text = padded(b"".join(word + space for word, space in pieces))
    for expected, actual in zip(cut(REFERENCE, text), cut(CPU, text), strict=True):
        np.testing.assert_array_equal(actual, expected)


@settings(deadline=None, max_examples=80)
@given(TEXTS, st.sampled_from([(256, 1 << 14), (16, 1 << 14), (256, 300)]))
def test_count_tokens_agrees_and_stops_where_a_table_is_full(
    pieces: list[tuple[bytes, bytes]], sizes: tuple[int, int]
) -> None:
    text = padded(b"".join(word + space for word, space in pieces))
    bounds = cut(REFERENCE, text)
    results = []
    for kernel in (REFERENCE, CPU):
        table, ids = new_table(*sizes), np.full(len(bounds[0]), -7, np.int32)
        position, num_keys = kernel.count_tokens(text, *bounds, 0, table, 0, ids)
        assert num_keys <= len(table.counts)
        results.append((position, num_keys, ids[:position], *table))
    for expected, actual in zip(*results, strict=True):
        np.testing.assert_array_equal(actual, expected)


@settings(deadline=None, max_examples=40)
@given(TEXTS)
def test_rehash_agrees_and_finds_the_old_ids(pieces: list[tuple[bytes, bytes]]) -> None:
    text = padded(b"".join(word + space for word, space in pieces))
    bounds = cut(REFERENCE, text)
    table, ids = new_table(256, 1 << 14), np.empty(len(bounds[0]), np.int32)
    _, num_keys = REFERENCE.count_tokens(text, *bounds, 0, table, 0, ids)
    grown = [table._replace(entries=np.zeros(2048, np.uint64)) for _ in range(2)]
    REFERENCE.rehash_(grown[0], num_keys)
    CPU.rehash_(grown[1], num_keys)
    np.testing.assert_array_equal(grown[1].entries, grown[0].entries)
    again = np.empty_like(ids)
    assert CPU.count_tokens(text, *bounds, 0, grown[1], num_keys, again) == (len(ids), num_keys)
    np.testing.assert_array_equal(again, ids)


@settings(deadline=None, max_examples=80)
@given(st.lists(st.integers(-1, 5), max_size=40), st.lists(st.integers(-1, 9), min_size=6, max_size=6))
def test_remap_agrees(ids: list[int], row_of: list[int]) -> None:
    streams = [np.array(ids, np.int32) for _ in range(2)]
    kept = [
        kernel.remap_(stream, np.array(row_of, np.int32))
        for kernel, stream in zip((REFERENCE, CPU), streams, strict=True)
    ]
    assert kept[0] == kept[1]
    np.testing.assert_array_equal(streams[1][: kept[1]], streams[0][: kept[0]])


def test_the_hash_spreads_words_that_differ_in_one_byte() -> None:
    words = [b"a" * i + b"b" + b"a" * (19 - i) for i in range(20)] + [b"prefix%05d" % i for i in range(1000)]
    words += [b"%d" % i for i in range(1000)]
    for bits in (12, 16, 20):
        places = {hash_token(word) & ((1 << bits) - 1) for word in words}
        expected = (1 << bits) * (1 - np.exp(-len(words) / (1 << bits)))  # of a random function
        assert len(places) > 0.9 * expected
