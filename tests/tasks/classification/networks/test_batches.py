"""Batches hold what the texts hold."""

from __future__ import annotations

import numpy as np

from rowspace.tasks.classification.networks import batches
from rowspace.tasks.classification.networks.batches import batch_of, in_order, shuffled
from rowspace.tasks.classification.networks.lexicon import Encoded

SIZES = [3, 0, 5, 1, 4, 4, 2]
STARTS = np.concatenate([[0], np.cumsum(SIZES)])
TEXTS = Encoded(np.arange(1, 20), np.arange(101, 120), STARTS)


def test_a_batch_is_padded_behind():
    found = batch_of(TEXTS, np.array([3, 0, 1]))
    assert found.own.tolist() == [[9, 0, 0], [1, 2, 3], [0, 0, 0]]
    assert found.given.tolist() == [[109, -1, -1], [101, 102, 103], [-1, -1, -1]]
    assert found.is_token.tolist() == [[True, False, False], [True] * 3, [True, False, False]]


def test_a_batch_of_empty_texts_has_a_place():
    found = batch_of(TEXTS, np.array([1, 1]))
    assert found.own.tolist() == [[0], [0]]
    assert found.is_token.tolist() == [[True], [True]]


def test_an_epoch_has_every_text_once_and_follows_from_the_generator():
    first, again, other = (shuffled(TEXTS, 2, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert sorted(np.concatenate(first).tolist()) == list(range(7))
    assert [len(each) for each in first].count(2) == 3
    assert [each.tolist() for each in first] == [each.tolist() for each in again]
    assert [each.tolist() for each in first] != [each.tolist() for each in other]


def test_texts_of_one_length_meet():
    sizes = np.repeat(np.arange(1, 11) * 10, 4)
    texts = Encoded(np.arange(sizes.sum()), np.arange(sizes.sum()), np.concatenate([[0], np.cumsum(sizes)]))
    for group in shuffled(texts, 4, np.random.default_rng(0)):
        assert sizes[group].max() - sizes[group].min() <= 0.3 * sizes[group].max()


def test_reading_takes_few_tokens_at_once(monkeypatch):
    monkeypatch.setattr(batches, "TOKENS_AT_ONCE", 8)
    groups = list(in_order(TEXTS))
    assert sorted(np.concatenate(groups).tolist()) == list(range(7))
    assert groups[0].tolist() == [2]
    assert all(len(group) * max(SIZES[place] for place in group) <= 8 for group in groups)
