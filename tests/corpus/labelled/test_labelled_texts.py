"""Texts with labels from pairs."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.corpus.labelled.labelled_texts import LabelledTexts
from rowspace.corpus.tokenizer import Tokenizer
from rowspace.errors import CorpusError

PAIRS = [("b", "One two"), (["a", "b"], "line\nbreak"), ((), ""), ("a", "é ü")]


def test_pairs_come_back():
    data = LabelledTexts.from_pairs(PAIRS)
    assert data.names == ("a", "b")
    assert data.labels == [("b",), ("a", "b"), (), ("a",)]
    assert data.texts == ["One two", "line break", "", "é ü"]
    assert len(data) == 4


def test_lower_case_is_for_texts_alone():
    data = LabelledTexts.from_pairs([("B", "One É")], tokenizer=Tokenizer(lowercase=True))
    assert (data.labels, data.texts) == ([("B",)], ["one é"])


def test_taking_keeps_names_and_order():
    taken = LabelledTexts.from_pairs(PAIRS).take(np.array([3, 1]))
    assert taken.names == ("a", "b")
    assert taken.labels == [("a",), ("a", "b")]
    assert taken.texts == ["é ü", "line break"]
    assert LabelledTexts.from_pairs(PAIRS).take(np.array([0])).labels == [("b",)]


def test_the_block_ends_a_document_after_each_text():
    cut = LabelledTexts.from_pairs(PAIRS).block
    starts, stops = cut.cut(*np.empty((2, cut.num_bounds), np.int32))
    assert (starts == stops).sum() == len(PAIRS)
    assert (starts != stops).sum() == 6


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([], "there is none"),
        ([("a", "x"), "b"], "example 2: must be a label and a text"),
        ([("a", 3)], "example 1: the text must be a string, but is int"),
        ([(3, "x")], "example 1: a label must be a string"),
        ([(["a", 3], "x")], "example 1: a label must be a string"),
        ([("a", "\udc80")], "lone surrogate"),
    ],
)
def test_what_is_refused(pairs, message):
    with pytest.raises(CorpusError, match=message):
        LabelledTexts.from_pairs(pairs)
