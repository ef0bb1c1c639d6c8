"""Epochs and learning rate where nothing is said."""

from __future__ import annotations

import pytest

from rowspace.training import FastText, Word2Vec
from rowspace.training.size import FEWEST, MOST, TOKENS_WANTED, sized, usual_rate


@pytest.mark.parametrize("recipe", [Word2Vec, FastText])
def test_a_smaller_corpus_is_read_more_often(recipe):
    found = [sized(recipe(), tokens).epochs for tokens in (0, 1, 10**6, 4 * 10**6, 10**7, 10**12)]
    assert found == sorted(found, reverse=True)
    assert (found[0], found[-1]) == (MOST, FEWEST)
    assert sized(recipe(), TOKENS_WANTED // 10).epochs == 10


def test_what_is_said_stays():
    assert sized(Word2Vec(epochs=3, learning_rate=0.01), 10**6) == Word2Vec(epochs=3, learning_rate=0.01)


def test_rows_that_share_a_gradient_get_a_higher_rate():
    assert usual_rate(Word2Vec(model="cbow")) > usual_rate(Word2Vec(model="cbow", divided_gradient=False))


def test_the_record_is_complete_and_trains_the_same_again():
    text = ["a rose is a rose", "a tulip is a tulip"] * 20
    first = Word2Vec(dim=8, min_count=1, subsample=0).fit(text, threads=1)
    made = first.metadata["recipe"]
    assert (made["epochs"], made["learning_rate"]) == (MOST, usual_rate(Word2Vec()))
    del made["name"]
    assert (Word2Vec(**made).fit(text, threads=1).vectors == first.vectors).all()
