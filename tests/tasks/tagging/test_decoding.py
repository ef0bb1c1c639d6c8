"""Ranges of sentences, in the order asked, whatever their length."""

from __future__ import annotations

import pytest

from rowspace.tasks.tagging.batches import MOST_TOKENS
from rowspace.tasks.tagging.decoding import find_ranges


@pytest.fixture
def found(model):
    return lambda sentences: find_ranges(model.network, model.lexicon, model.tags, sentences)


def test_ranges_come_in_the_order_of_the_sentences(found):
    sentences = [["Ann", "went", "to", "Rome", "."], [], ["Bob", "flew", "to", "New", "York", "."], []]
    assert found(sentences) == [[("PER", 0, 1), ("LOC", 3, 4)], [], [("PER", 0, 1), ("LOC", 3, 5)], []]
    assert found(sentences[::-1]) == found(sentences)[::-1]
    assert found([]) == []
    assert found([[]]) == [[]]


def test_ranges_of_a_long_sentence_are_those_of_its_pieces(found):
    tokens = (["Ann", "went", "to", "Rome", "."] * MOST_TOKENS)[: 2 * MOST_TOKENS + 9]
    pieces = found([tokens[start : start + MOST_TOKENS] for start in range(0, len(tokens), MOST_TOKENS)])
    expected = [
        (label, first + place * MOST_TOKENS, stop + place * MOST_TOKENS)
        for place, ranges in enumerate(pieces)
        for label, first, stop in ranges
    ]
    assert found([["Ann"], tokens])[1] == expected
    assert len(expected) > 100


def test_tokens_may_be_anything(found):
    odd = ["", " ", "\n", "\x00", "\ud800", "x" * 100_000, "北京", "🎉"]
    [ranges] = found([odd])
    assert all(0 <= first < stop <= len(odd) for _, first, stop in ranges)
