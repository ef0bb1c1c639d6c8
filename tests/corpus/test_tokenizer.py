"""Decoding, lower case, patterns and callables."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace.corpus import open_corpus
from rowspace.corpus.tokenizer import Tokenizer
from rowspace.errors import CorpusError, RecipeError


@settings(deadline=None, max_examples=80)
@given(st.lists(st.text(), max_size=5))
def test_lower_case_is_that_of_python(texts: list[str]) -> None:
    expected = [[word.decode() for word in text.lower().encode().split()] for text in texts]
    assert list(open_corpus(texts, lowercase=True)) == [document for document in expected if document]


def test_a_pattern_finds_the_tokens() -> None:
    texts = ["It's 12 o'clock", "..."]
    assert list(open_corpus(texts, pattern=r"\w+'?\w*", lowercase=True)) == [["it's", "12", "o'clock"]]
    assert list(open_corpus(["a=1 b=2"], pattern=r"(\w)=")) == [["a", "b"]]


def test_a_callable_is_called_by_the_caller_alone_and_its_tokens_are_kept_exact() -> None:
    callers = set()

    def tokenize(text: str) -> list[str]:
        callers.add(threading.get_ident())
        return [text, "two words", "line\nbreak", ""]

    with open_corpus(["x y"] * 3, tokenize=tokenize).scan(threads=2) as scan:
        assert dict(zip(scan.keys, scan.counts.tolist(), strict=True)) == {
            "x y": 3,
            "two words": 3,
            "line\nbreak": 3,
        }
    assert callers == {threading.get_ident()}


def test_an_error_of_the_callable_comes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        open_corpus(["x"], tokenize=lambda _: 1 / 0).scan(threads=2)


@pytest.mark.parametrize("result", ["a string", [1]])
def test_a_callable_must_return_tokens(result: object) -> None:
    with pytest.raises(CorpusError, match="tokenize must return a sequence of str"):
        open_corpus(["x"], tokenize=lambda _: result).scan()


@pytest.mark.unchecked
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"pattern": "a", "tokenize": str.split}, "not both"),
        ({"pattern": "("}, "must be a regular expression"),
        ({"pattern": "(a)(b)"}, "holds 2"),
        ({"errors": "ignore"}, "must be one of strict, replace, surrogateescape"),
    ],
)
def test_contradictions(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        Tokenizer(**arguments)


@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("pattern", [None, r"\S+"])
@given(st.binary(max_size=30))
@settings(deadline=None, max_examples=40)
def test_broken_utf8_follows_the_policy(pattern: str | None, lowercase: bool, text: bytes) -> None:
    for errors in ("replace", "surrogateescape"):
        tokenizer = Tokenizer(lowercase, pattern, errors=errors)
        decoded = text.decode("utf-8", errors)
        decoded = decoded.lower() if lowercase else decoded
        block = tokenizer.block_of_lines(text, "name", 0)
        kept = block.text.tobytes()
        if pattern is None:
            assert kept.split() == decoded.encode("utf-8", "surrogateescape").split()
        else:
            assert b"".join(kept.split()) == b"".join(
                "".join(decoded.split()).encode("utf-8", "surrogateescape").split()
            )


def test_utf16_is_recognised() -> None:
    with pytest.raises(CorpusError, match=r"byte 0: .* begins like UTF-16"):
        Tokenizer().block_of_lines("text".encode("utf-16"), "name", 0)


def test_lone_surrogates() -> None:
    with pytest.raises(CorpusError, match="lone surrogate"):
        list(open_corpus(["a \ud800"]))
    assert list(open_corpus(["a \ud800"], errors="replace")) == [["a", "\ufffd"]]
    assert list(open_corpus([["a\udcff"]], errors="surrogateescape")) == [["a\udcff"]]
