"""From a scan to words: order, limits, special and unknown keys."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace.corpus import open_corpus
from rowspace.corpus.block_corpus import BlockCorpus
from rowspace.corpus.text_file import TextFile
from rowspace.corpus.tokenizer import Tokenizer
from rowspace.errors import CorpusError, RecipeError
from rowspace.vocabulary import Words, build_words, rows_of_scan

# Long common beginnings and NULs, where comparing by machine words could go wrong.
TOKENS = st.builds(
    "".join, st.lists(st.sampled_from(["a", "b", "\0", "é", "x" * 8, "x" * 16]), min_size=1, max_size=4)
)


def words_of(documents: list[list[str]], **options: object) -> Words:
    with open_corpus(documents).scan() as scan:
        return build_words(scan, **options)


@settings(deadline=None, max_examples=120)
@given(st.lists(TOKENS, min_size=1, max_size=60), st.integers(1, 3), st.one_of(st.none(), st.integers(1, 5)))
def test_order_is_by_count_then_bytes(tokens: list[str], min_count: int, max_size: int | None) -> None:
    counts = Counter(tokens)
    kept = [key for key, count in counts.items() if count >= min_count]
    expected = sorted(kept, key=lambda key: (-counts[key], key.encode()))[:max_size]
    if not expected:
        with pytest.raises(CorpusError):
            words_of([tokens], min_count=min_count, max_size=max_size)
        return
    words = words_of([tokens], min_count=min_count, max_size=max_size)
    assert list(words.keys) == expected
    assert words.counts.tolist() == [counts[key] for key in expected]


@settings(deadline=None, max_examples=40)
@given(st.lists(TOKENS, min_size=1, max_size=60))
def test_threads_change_nothing(tmp_path_factory: pytest.TempPathFactory, tokens: list[str]) -> None:
    path = tmp_path_factory.getbasetemp() / "threads.txt"
    path.write_text(" ".join(tokens), encoding="utf-8")
    corpus = BlockCorpus([TextFile(path, block_bytes=16)], Tokenizer())
    results = []
    for threads in (1, 2, 3, 4):
        with corpus.scan(threads=threads) as scan:
            words = build_words(scan, min_count=1)
            encoded = scan.encode(rows_of_scan(scan, words))
        ids = encoded.read(0, encoded.num_ids).tolist()
        results.append((list(words.keys), words.counts.tolist(), ids, encoded.num_documents))
    assert all(result == results[0] for result in results)


def test_special_keys_come_first_with_their_counts() -> None:
    words = words_of([["b", "b", "c", "a"]], min_count=1, special=["<pad>", "a"])
    assert list(words.keys) == ["<pad>", "a", "b", "c"]
    assert words.counts.tolist() == [0, 1, 2, 1]


def test_the_unknown_row_counts_the_dropped_tokens_and_its_own() -> None:
    documents = [["b", "b", "c", "a", "<unk>"]]
    words = words_of(documents, min_count=2, unknown_key="<unk>", missing="unknown", special=["<pad>"])
    assert list(words.keys) == ["<pad>", "<unk>", "b"]
    assert words.counts.tolist() == [0, 3, 2]
    assert (words.unknown_row, words.missing) == (1, "unknown")
    placed = words_of(documents, min_count=2, unknown_key="<unk>", special=["<unk>", "<pad>"])
    assert list(placed.keys) == ["<unk>", "<pad>", "b"]
    assert placed.counts.tolist() == [3, 0, 2]


def test_counts_are_those_of_the_encoded_corpus() -> None:
    documents = [["b", "b", "c", "a"], ["d"], ["b", "c"]]
    with open_corpus(documents).scan() as scan:
        words = build_words(scan, min_count=2, unknown_key="<unk>")
        encoded = scan.encode(rows_of_scan(scan, words))
    ids = encoded.read(0, encoded.num_ids)
    np.testing.assert_array_equal(np.bincount(ids[ids >= 0], minlength=len(words)), words.counts)


def test_a_corpus_is_encoded_with_a_vocabulary_that_exists() -> None:
    with open_corpus(["new king new"]).scan() as scan:
        plain = scan.encode(rows_of_scan(scan, Words.from_keys(["queen", "king"])))
        assert plain.read(0, plain.num_ids).tolist() == [1, -1]
        unknown = Words.from_keys(["queen", "king", "?"], unknown_key="?")
        encoded = scan.encode(rows_of_scan(scan, unknown))
        assert encoded.read(0, encoded.num_ids).tolist() == [2, 1, 2, -1]


def test_max_size_bounds_all_rows() -> None:
    words = words_of([["a", "a", "b", "b", "c"]], min_count=1, max_size=3, special=["s"], unknown_key="u")
    assert list(words.keys) == ["s", "u", "a"]
    assert words.counts.tolist() == [0, 3, 2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_count": 0}, "min_count must be at least 1, but is 0"),
        ({"max_size": 0}, "max_size must be at least 1"),
        ({"max_size": 1, "special": ["a", "b"]}, "room for 2 special keys, but is 1"),
        ({"special": ["a", "b", "a"]}, "special keys must be distinct, but 'a' comes twice"),
    ],
)
def test_contradictions(options: dict[str, object], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        words_of([["a"]], **options)


def test_nothing_above_min_count_gives_the_figures() -> None:
    message = (
        r"of 3 distinct keys \(2 documents, 6 tokens\) none occurs 5 times; the most frequent, 'the', "
        r"occurs 3 times; the first document begins 'the b the': lower min_count"
    )
    with pytest.raises(CorpusError, match=message):
        words_of([["the", "b", "the"], ["a", "the", "b"]], special=["<pad>"], unknown_key="<unk>")


def test_special_keys_that_occur_are_enough() -> None:
    assert words_of([["a"]], special=["a"]).counts.tolist() == [1]


def test_an_empty_corpus_says_so(tmp_path: Path) -> None:
    (tmp_path / "blank.txt").write_text(" \n\n ")
    with (
        open_corpus(tmp_path / "blank.txt").scan() as scan,
        pytest.raises(CorpusError, match="none in its 4 bytes"),
    ):
        build_words(scan)


@pytest.mark.data
def test_real_text_counts_as_python_does(data_dir: Path) -> None:
    path = data_dir / "corpus" / "wiki1.txt"
    counts = Counter(path.read_bytes().split())
    expected = sorted((-count, key) for key, count in counts.items() if count >= 5)
    with open_corpus(path).scan(threads=2) as scan:
        words = build_words(scan)
    assert [key.encode() for key in words.keys] == [key for _, key in expected]
    assert words.counts.tolist() == [-count for count, _ in expected]
