"""What training hears from a tagger."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.tasks.networks import Learner
from rowspace.tasks.tagging.batches import MOST_TOKENS
from rowspace.tasks.tagging.columns import read_sentences
from rowspace.tasks.tagging.learner import TaggingLearner, encoded


def test_it_is_a_learner_of_sentences(model, sentences):
    learner = TaggingLearner(model, read_sentences(sentences(14)), read_sentences(sentences(9, seed=4)), 7)
    assert isinstance(learner, Learner)
    order = learner.order(np.random.default_rng(0))
    assert sorted(np.concatenate(order).tolist()) == list(range(14))
    loss, count = learner.loss(learner.batch(order[0]))
    assert count == 7
    assert float(loss.detach()) == pytest.approx(
        float(learner.network.loss(learner.batch(order[0])).detach())
    )
    assert learner.score() == model.evaluate(sentences(9, seed=4)).f1 > 0.9


def test_without_validation_there_is_no_score(model, sentences):
    assert TaggingLearner(model, read_sentences(sentences(3)), None, 2).score() is None


def test_a_span_across_a_cut_becomes_two(model):
    tokens, tags = (
        ["to"] * (MOST_TOKENS - 1) + ["New", "York"],
        ["O"] * (MOST_TOKENS - 1) + ["B-LOC", "I-LOC"],
    )
    data = encoded(model, read_sentences([(tokens, tags)]))
    assert data.lengths.tolist() == [MOST_TOKENS, 1]
    assert [model.tags[tag] for tag in data.tags[-2:]] == ["S-LOC", "S-LOC"]
