"""Subwords: own rows first, then those of the parts."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import RecipeError, ShapeError, UnknownKeyError
from rowspace.vocabulary import Words
from rowspace.vocabulary.floret import Floret
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.subwords import Subwords

KEYS = ["the", "king", "</s>", "a"]


def ngrams(**options) -> Subwords:
    return Subwords(Words.from_keys(KEYS, counts=np.array([9, 5, 4, 1]), **options), NGrams(3, 4, 50))


def bags_of(vocabulary: Subwords, *keys: str, missing=None) -> list[list[int]]:
    rows = vocabulary.rows_of(list(keys), missing)
    return [part.tolist() for part in np.split(rows.ids, rows.offsets[1:-1])] if len(rows) else []


def test_own_rows_come_first():
    vocabulary = ngrams()
    assert (vocabulary.num_rows, vocabulary.num_own_rows, len(vocabulary)) == (54, 4, 4)
    the, unseen, end = bags_of(vocabulary, "the", "thexx", "</s>")
    assert the[0] == 0
    assert min(the[1:]) >= 4
    assert (len(the), len(unseen), end) == (1 + 3 + 2, 5 + 4, [2])
    assert set(the[1:3]) <= set(unseen)  # <th and <the


def test_without_own_rows_all_are_shared():
    vocabulary = Subwords(Words.from_keys(KEYS), Floret(3, 4, 50, 2))
    assert (vocabulary.num_rows, vocabulary.num_own_rows) == (50, 0)
    assert [len(bag) for bag in bags_of(vocabulary, "the", "zz")] == [12, 8]


def test_all_bags_at_once_are_those_of_the_keys():
    for vocabulary in (ngrams(), Subwords(Words.from_keys(KEYS), Floret(3, 4, 50, 2))):
        rows = vocabulary.bags()
        assert rows.ids.tolist() == vocabulary.rows_of(KEYS).ids.tolist()
        assert rows.offsets.tolist() == vocabulary.rows_of(KEYS).offsets.tolist()


def test_a_key_with_parts_is_known_and_one_without_follows_the_policy():
    vocabulary = ngrams()
    assert [key in vocabulary for key in ["the", "</s>", "unseen", "b", "", 5]] == [
        True, True, True, True, False, False,
    ]  # fmt: skip
    with pytest.raises(UnknownKeyError, match=r"but '' is not;"):
        vocabulary.rows_of(["the", ""])
    assert bags_of(vocabulary, "</s>", "", missing="zero") == [[2], []]
    assert bags_of(vocabulary, "", "</s>", "", missing="skip") == [[2]]
    with pytest.raises(RecipeError, match="needs a vocabulary with an unknown row"):
        vocabulary.rows_of([""], "unknown")


def test_the_unknown_key_stands_in_with_its_parts():
    vocabulary = ngrams(unknown_key="king", missing="unknown")
    assert vocabulary.missing == "unknown"
    empty, king = bags_of(vocabulary, "", "king")
    assert empty == king


def test_a_single_string_is_no_list_of_keys():
    with pytest.raises(ShapeError, match=r"write \['the'\]"):
        ngrams().rows_of("the")


def test_compacting_keeps_own_rows_and_the_parts_that_are_used():
    vocabulary, compact = ngrams(), ngrams().compacted()
    used = np.unique(vocabulary.bags().ids)
    assert compact.num_rows == len(used) + 1
    assert compact.words is not None
    assert list(compact.keys) == KEYS
    assert compact.counts is not None
    assert compact.bags().offsets.tolist() == vocabulary.bags().offsets.tolist()
    assert np.unique(compact.bags().ids).tolist() == list(range(len(used)))
    assert set(bags_of(compact, "zzzzz")[0]) <= set(range(4, len(used) + 1))
