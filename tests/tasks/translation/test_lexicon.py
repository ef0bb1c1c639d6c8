"""Pieces and back."""

from __future__ import annotations

import pytest

from rowspace.errors import RecipeError
from rowspace.tasks.translation.batches import END, PADDING, START
from rowspace.tasks.translation.copying import SLOTS
from rowspace.tasks.translation.lexicon import OWN, Lexicon

TEXTS = ["I don't know Größe, 42 (or 43)!", "knowing <end> a b  c"]


@pytest.fixture(scope="module")
def lexicon():
    return Lexicon.learn(TEXTS * 5, 90)


def test_texts_come_back_as_they_were(lexicon):
    rows = lexicon.encode([*TEXTS, "", "known"])
    assert lexicon.decode(rows) == [*TEXTS, "", "known"]
    assert all(each[-1] == END and not {PADDING, START, END} & set(each[:-1]) for each in rows)


def test_rows_and_keys(lexicon):
    assert [lexicon.pieces.find(key) for key in OWN] == [PADDING, START, END]
    assert all(lexicon.pieces.find(slot) > 0 for slot in SLOTS)
    assert len(lexicon.pieces) <= 90


def test_a_slot_is_a_piece_of_its_own(lexicon):
    text = f"know {SLOTS[2]}!"
    [rows] = lexicon.encode([text])
    assert lexicon.pieces.find(SLOTS[2]) in rows
    assert lexicon.decode([rows]) == [text]


def test_the_json_is_all(lexicon):
    assert Lexicon(lexicon.tokenizer_json).encode(TEXTS) == lexicon.encode(TEXTS)
    with pytest.raises(RecipeError, match="cannot read"):
        Lexicon("{}").encode(TEXTS)
