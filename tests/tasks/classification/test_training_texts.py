"""What can be learned from, and what is held out."""

from __future__ import annotations

import pytest

from rowspace.corpus.labelled import LabelledTexts
from rowspace.errors import CorpusError
from rowspace.tasks.classification.training_texts import check_labels, hold_out


def texts(*pairs):
    return LabelledTexts.from_pairs(pairs)


def test_a_tenth_is_held_out_by_lot():
    data = texts(*(("ab"[place % 2], f"text {place}") for place in range(41)))
    rest, tenth = hold_out(data, seed=1)
    assert (len(rest), len(tenth)) == (36, 5)
    assert sorted([*rest.texts, *tenth.texts]) == sorted(data.texts)
    assert hold_out(data, seed=1)[1].texts == tenth.texts != hold_out(data, seed=2)[1].texts
    with pytest.raises(CorpusError, match="there must be two"):
        hold_out(texts(("a", "text")), seed=1)


def test_there_must_be_something_to_choose():
    check_labels(texts(("a", "one"), ("b", "two")), several=False)
    check_labels(texts(([], "one"), ("b", "two")), several=True)
    with pytest.raises(CorpusError, match="example 1 has none"):
        check_labels(texts(([], "one"), ("b", "two")), several=False)
    with pytest.raises(CorpusError, match="all have the label 'a'"):
        check_labels(texts(("a", "one"), ("a", "two")), several=False)
    with pytest.raises(CorpusError, match="no text has any"):
        check_labels(texts(([], "one")), several=True)
