"""Words are cut, counted and looked up."""

from __future__ import annotations

import numpy as np
import pytest

import rowspace as rs
from rowspace.tasks.classification.networks.lexicon import (
    GIVEN_LENGTH,
    PADDING,
    UNKNOWN,
    Lexicon,
    cut,
    given_rows,
)
from rowspace.vocabulary import Words

TEXTS = [["a", "good", "film"], ["a", "bad", "film"], []]


def lexicon(given=None, *, mode="both", min_count=1, length=9):
    return Lexicon.of(TEXTS, given, mode=mode, min_count=min_count, length=length)


def test_words_come_in_the_order_of_their_counts():
    own = lexicon().own
    assert list(own.keys) == [PADDING, UNKNOWN, "a", "film", "bad", "good"]
    assert own.counts.tolist() == [0, 0, 2, 2, 1, 1]
    assert list(lexicon(min_count=2).own.keys) == [PADDING, UNKNOWN, "a", "film"]


@pytest.mark.parametrize(
    ("mode", "own", "kept"), [("both", 6, True), ("tuned", 7, False), ("frozen", None, True)]
)
def test_given_words_go_where_the_mode_says(mode, own, kept):
    found = lexicon(Words.from_keys(["film", "play"]), mode=mode)
    assert (found.own and len(found.own)) == own
    assert (found.given is not None) == kept
    if mode == "tuned":
        assert found.own.counts[found.own.find("play")] >= 1_000
        assert found.own.counts[found.own.find("film")] >= 1_000


def test_texts_become_rows_up_to_the_length():
    found = lexicon(Words.from_keys(["film", "play"]), length=2)
    encoded = found.encode([["film", "play", "film"], [], ["a"]])
    assert encoded.starts.tolist() == [0, 2, 2, 3]
    assert encoded.own.tolist() == [3, 1, 2]
    assert encoded.given.tolist() == [0, 1, -1]
    assert len(found.encode([])) == 0
    assert lexicon().encode(TEXTS).given.tolist() == [-1] * 6


def test_a_sign_of_the_lexicon_in_a_text_is_cut_apart():
    assert cut("<unk> <PAD> caf\udce9") == ["<", "unk", ">", "<", "pad", ">", "caf", "\udce9"]


def test_signs_in_a_table_do_not_come_twice():
    own = lexicon(Words.from_keys([UNKNOWN, "play", PADDING]), mode="tuned").own
    assert list(own.keys)[:2] == [PADDING, UNKNOWN]
    assert len(own) == 7


def test_given_rows_have_one_mean_length(rows):
    words, vectors = given_rows(rows, TEXTS)
    assert list(words.keys) == list(rows.keys)
    assert (vectors**2).sum(1).mean() == pytest.approx(GIVEN_LENGTH**2, rel=1e-5)


def test_a_table_with_subwords_gives_vectors_of_words_it_does_not_know():
    table = rs.FastText(dim=4, min_count=1, epochs=1, buckets=100, subsample=0).fit(
        [["a", "goodly", "film", "play"]] * 20, threads=1, progress=False
    )
    words, vectors = given_rows(table, TEXTS)
    assert list(words.keys)[:4] == list(table.keys)
    assert "good" in words
    row, factor = words.find("good"), vectors[0, 0] / table.vectors[0, 0]
    np.testing.assert_allclose(vectors[row], factor * table["good"], rtol=1e-4)
