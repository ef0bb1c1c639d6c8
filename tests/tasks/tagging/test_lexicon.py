"""From written forms to rows."""

from __future__ import annotations

import pytest

from rowspace.tasks.tagging.columns import Sentence
from rowspace.tasks.tagging.lexicon import Lexicon, cut_short, shape_of
from rowspace.vocabulary import Words

DATA = [Sentence(("The", "the", "Cat"), ("O", "O", "O")), Sentence(("cat", "NASA"), ("O", "O"))]


def test_words_are_found_in_lower_case_and_counted():
    lexicon = Lexicon.of(DATA)
    assert list(lexicon.own.keys) == ["<unk>", "cat", "the", "nasa"]
    assert lexicon.own.counts.tolist() == [0, 2, 2, 1]
    assert lexicon.forms(["CAT", "dog", "the"]).own.tolist() == [1, -1, 2]
    assert lexicon.forms(["cat"]).given.tolist() == [-1]
    assert list(Lexicon.of(DATA, min_count=2).own.keys) == ["<unk>", "cat", "the"]


def test_a_given_word_is_found_as_it_is_or_else_in_lower_case():
    given = Words.from_keys(["Cat", "cat", "dog", "US"])
    found = Lexicon.of(DATA, given).forms(["Cat", "CAT", "Dog", "us"])
    assert found.given.tolist() == [0, 1, 2, -1]
    tuned = Lexicon.of(DATA, given, tuned=True)
    assert tuned.given is None
    assert set(tuned.own.keys) == {"<unk>", "cat", "the", "nasa", "Cat", "dog", "US"}
    keys = [tuned.own.keys[row] for row in tuned.forms(["Cat", "CAT", "Dog"]).own.tolist()]
    assert keys == ["Cat", "cat", "dog"]


def test_characters_are_marked_and_cut():
    lexicon = Lexicon.of(DATA)
    names = list(lexicon.characters.keys)
    spelling = lexicon.forms(["cat", "zz", ""]).spelling
    spelled = [[names[row] for row in spelling.stretches[each]] for each in spelling.ids]
    assert spelled == [
        ["<pad>", "<w>", "c"], ["<w>", "c", "a"], ["c", "a", "t"], ["a", "t", "</w>"], ["t", "</w>", "<pad>"],
        ["<pad>", "<w>", "<unk>"], ["<w>", "<unk>", "<unk>"], ["<unk>", "<unk>", "</w>"],
        ["<unk>", "</w>", "<pad>"],
        ["<pad>", "<w>", "</w>"], ["<w>", "</w>", "<pad>"],
    ]  # fmt: skip
    assert spelling.starts.tolist() == [0, 5, 9, 11]
    assert cut_short("ab" * 1000) == "ab" * 16
    assert lexicon.forms(["a" * 1_000_000]).spelling.starts.tolist() == [0, 34]


@pytest.mark.parametrize(
    ("form", "shape"),
    [("", ""), ("a", "x"), ("McDonald", "XxXxx"), ("12,345.6", "00,00.0"), ("ÉTÉ", "XX"), ("北京", "xx")],
)
def test_shapes(form, shape):
    assert shape_of(form) == shape
