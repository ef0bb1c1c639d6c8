"""Pieces: what byte-pair merging and the unigram model learn from words."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from rowspace.arrays import PackedKeys
from rowspace.corpus import open_corpus
from rowspace.errors import CorpusError, MissingExtraError, RecipeError, ShapeError
from rowspace.vocabulary.pieces import UNKNOWN, Pieces, learn_pieces

TEXT = "known known kind kind good good unkind undo until kindness goodness madness "
METHODS = ("byte-pair", "unigram")


@pytest.fixture
def library():
    return pytest.importorskip("tokenizers", reason="the extra subword is not installed")


@pytest.fixture
def pieces(library) -> Pieces:
    return learned(TEXT, num_pieces=32)


def learned(text: str, **options) -> Pieces:
    with open_corpus([text]).scan() as scan:
        return learn_pieces(scan, **options)


def texts_of(pieces: Pieces, key: str) -> list[str]:
    """A key's pieces by way of its rows."""
    rows = pieces.bags(PackedKeys.from_strings([key])).ids
    return [pieces._tokenizer.id_to_token(row) for row in rows.tolist()]


def test_a_word_breaks_into_its_parts(pieces):
    assert texts_of(pieces, "unknownness") == ["un", "known", "ness"]
    assert pieces.tokenize("unknownness good") == ["un", "known", "ness", "good"]


@pytest.mark.parametrize("method", METHODS)
def test_pieces_join_to_the_text_again(library, method):
    pieces = learned(TEXT * 20, num_pieces=30, method=method)
    assert pieces.num_rows <= 30
    text = "unknown kindness müde 日本 \x00 known"
    assert "".join(pieces.tokenize(text)) == text.replace(" ", "")
    assert "".join(texts_of(pieces, "unkindness")) == "unkindness"


def test_two_learners_find_the_same_pieces(library):
    first, second = learned(TEXT, num_pieces=32), learned(TEXT, num_pieces=32)
    assert first.tokenizer_json == second.tokenizer_json


def test_frequent_words_decide(library):
    often = learned("ab " * 50 + "cd", num_pieces=6)
    assert [often.tokenize(word) for word in ("ab", "cd")] == [["ab"], ["c", "d"]]


def test_unknown_characters_have_no_rows(pieces):
    assert texts_of(pieces, "日本") == []
    assert texts_of(pieces, "known日") == ["known"]
    assert pieces.tokenize("known日") == ["known", "日"]
    assert texts_of(pieces, "bro\udcc3") == texts_of(pieces, "bro")
    assert pieces.tokenize("\udcc3") == ["\ufffd"]


def test_empty_and_huge_keys(pieces):
    rows = pieces.bags(PackedKeys.from_strings(["", "known" * 200_000]))
    assert np.diff(rows.offsets).tolist() == [0, 200_000]
    assert pieces.bags(PackedKeys.from_strings([])).offsets.tolist() == [0]


def test_a_corpus_of_pieces(pieces):
    with open_corpus(["unknown kindness", "unkind"], tokenize=pieces.tokenize).scan() as scan:
        assert dict(zip(scan.keys, scan.counts.tolist(), strict=True)) == {
            "un": 2, "known": 1, "kind": 2, "ness": 1,
        }  # fmt: skip


def test_long_words_are_passed_over(library):
    pieces = learned("x" * 1_000_000 + " known known", num_pieces=12)
    assert pieces.tokenize("known") == ["known"]
    with pytest.raises(CorpusError, match="up to 256 bytes, but the corpus has none"):
        learned("x" * 300, num_pieces=12)


@pytest.mark.parametrize("method", METHODS)
def test_one_word_of_one_letter(library, method):
    assert learned("a", num_pieces=2, method=method).tokenize("a") == ["a"]


@pytest.mark.unchecked
def test_wrong_parameters(library):
    with pytest.raises(RecipeError, match="num_pieces must be 2 at least"):
        learned(TEXT, num_pieces=1)
    with pytest.raises(RecipeError, match="method must be one of byte-pair, unigram"):
        learned(TEXT, method="wordpiece")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"model": {"vocab": 3}}', '{"model": {"vocab": {"a": "b"}}}']
)
def test_what_is_no_tokenizer(text):
    with pytest.raises(RecipeError, match="pieces need the JSON of a tokenizer"):
        _ = Pieces(text).num_rows


def test_a_tokenizer_that_the_library_refuses(library):
    refused = Pieces('{"model": {"vocab": {"a": 0}}}')
    assert refused.num_rows == 1
    with pytest.raises(RecipeError, match="cannot read this tokenizer"):
        refused.tokenize("a")


def test_parameters_go_to_arrays_and_back(pieces):
    copy = Pieces.from_json(pieces.to_json(), pieces.arrays())
    assert copy.tokenizer_json == pieces.tokenizer_json
    assert (copy.num_rows, copy.compacted(PackedKeys.from_strings([]))) == (32, copy)
    assert UNKNOWN in copy.tokenizer_json
    with pytest.raises(ShapeError, match="pieces need a tokenizer"):
        Pieces.from_json({}, {})
    with pytest.raises(RecipeError, match="must be UTF-8"):
        Pieces.from_json({}, {"tokenizer": np.array([255, 254], np.uint8)})
    with pytest.raises(RecipeError, match="must have pieces"):
        Pieces.from_json({}, {"tokenizer": np.frombuffer(b'{"model": {"vocab": {}}}', np.uint8)})


def test_without_the_library(pieces, monkeypatch):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    closed = Pieces(pieces.tokenizer_json)
    assert closed.num_rows == 32
    with pytest.raises(MissingExtraError, match=r"pip install 'rowspace\[subword\]'"):
        closed.tokenize("known")
