"""What training sees of a text."""

from __future__ import annotations

import numpy as np

from rowspace.tasks.generation.learner import LanguageLearner
from rowspace.tasks.generation.stretches import Stretches


def test_states_go_on_within_an_epoch_and_end_with_it(model):
    ids = np.arange(40, dtype=np.int32) % len(model.words)
    stretches = Stretches.of(ids, columns=2, length=5)
    model.network.begin(2)
    learner = LanguageLearner(model.network, stretches, ids, model.end)
    order = learner.order(np.random.default_rng(0))
    losses = [float(learner.loss(learner.batch(each))[0].detach()) for each in order[:2]]
    again, count = learner.loss(learner.batch(order[1]))  # goes on from the second, not from the first
    assert count == 10
    assert float(again.detach()) != losses[1]
    assert float(learner.loss(learner.batch(order[0]))[0].detach()) == losses[0]
    model.network.begin(1)


def test_the_score_is_the_mean_log_chance(model, sentences):
    report = model.evaluate(sentences(30, seed=2))
    with model.rules.scan(sentences(30, seed=2)) as scan:
        from rowspace.tasks.generation.encoding import encode

        ids = encode(scan, model.words)
    learner = LanguageLearner(model.network, Stretches.of(ids, columns=1, length=5), ids, model.end)
    assert np.isclose(learner.score(), -report.loss)
    assert LanguageLearner(model.network, learner.stretches, None, model.end).score() is None
