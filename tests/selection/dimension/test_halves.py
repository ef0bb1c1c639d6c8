"""The signal that two halves of a text share."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.corpus import open_corpus
from rowspace.selection.dimension.halves import measure_signal
from rowspace.selection.dimension.pip_loss import pip_loss
from rowspace.vocabulary import Words

TOPICS, WORDS = 6, 20
KEYS = [f"{topic}-{word}" for topic in range(TOPICS) for word in range(WORDS)]


def text_of(seed, *, topical):
    """Documents of one topic each, or of words drawn from all of them."""
    rng = np.random.default_rng(seed)
    draws = rng.integers(0, WORDS, (600, 10)) + WORDS * rng.integers(0, TOPICS, (600, 1 if topical else 10))
    return open_corpus([[KEYS[row] for row in document] for document in draws])


def signal_of(topical, **changed):
    halves = text_of(1, topical=topical), text_of(2, topical=topical)
    return measure_signal(
        halves, Words.from_keys(KEYS), **{"rank": 24, "window": 5, "threads": 1, "seed": 1} | changed
    )


def test_topics_are_the_signal():
    signal = signal_of(topical=True)
    loss = pip_loss(signal.values, signal.noise, signal.energy)
    assert loss.argmin() + 1 == TOPICS
    assert (signal.values[:TOPICS] > 3 * signal.noise[:TOPICS]).all()
    assert signal.energy == pytest.approx((signal.values[:TOPICS] ** 2).sum(), rel=0.15)


def test_words_without_company_have_hardly_any():
    signal = signal_of(topical=False)
    loss = pip_loss(signal.values, signal.noise, signal.energy)
    assert loss.argmin() + 1 <= 2  # the mean of a matrix that is nowhere negative is a signal too


def test_no_more_values_than_keys_and_the_same_for_any_number_of_threads():
    signal, again = signal_of(topical=True, rank=300), signal_of(topical=True, rank=300, threads=2)
    assert len(signal.values) == len(KEYS)
    assert (signal.values == again.values).all()
