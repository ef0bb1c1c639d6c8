"""Tokens of raw text and their places."""

from __future__ import annotations

import pytest

from rowspace.tasks.tagging.tokens import joined_places, tokenize, tokenize_lines

CASES = {
    "": [],
    " \t ": [],
    "Ann's U.S. visit": ["Ann", "'s", "U.S", ".", "visit"],
    "see https://x.org/a?b=1 @bob #tag_1 !": ["see", "https://x.org/a?b=1", "@bob", "#tag_1", "!"],
    "naïve Köln 北京": ["naïve", "Köln", "北京"],
    "3.5 well-known @ ...": ["3.5", "well-known", "@", ".", ".", "."],
}


@pytest.mark.parametrize("text", CASES)
def test_tokens_of_each_case(text):
    tokens, places = tokenize(text)
    assert tokens == CASES[text]
    assert [text[start:end] for start, end in places] == tokens


def test_every_sign_is_in_a_token_or_white_space():
    text = "A\u200bb\x00 “c” d-e\nf\r\ng\u2028h"
    lines = tokenize_lines(text)
    assert [text[start:end] for _, places in lines for start, end in places] == [
        token for tokens, _ in lines for token in tokens
    ]
    assert "".join(token for tokens, _ in lines for token in tokens) == "".join(text.split())
    assert len(lines) == 4


def test_joined_tokens_lie_where_a_blank_joins_them():
    tokens = ["a", "", "bcd"]
    assert [" ".join(tokens)[start:end] for start, end in joined_places(tokens)] == tokens
