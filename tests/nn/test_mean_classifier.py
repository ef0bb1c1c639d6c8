"""The small text classifier: what it learns, when it stops, what seeds decide."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rowspace.errors import EvaluationError
from rowspace.nn import Embedding, OneHot
from rowspace.nn.mean_classifier import MeanClassifier
from rowspace.vocabulary import Words

WORDS = Words.from_keys(["good", "bad", "fine", "poor", "film", "cast"])
LABELS = ["+", "-", "+", "-"] * 15
TEXTS = ["a good film", "bad cast", "fine cast", "the poor poor film"] * 15
TEST = (["+", "-", "-"], ["good and fine", "bad", "poor film"])


def embedding(*, freeze=False) -> Embedding:
    torch.manual_seed(0)
    return Embedding.from_vocabulary(WORDS, 8).requires_grad_(not freeze)


@pytest.mark.parametrize("make", [embedding, lambda: embedding(freeze=True), lambda: OneHot(len(WORDS))])
def test_it_learns_with_every_layer(make):
    model = MeanClassifier(make(), WORDS, ["+", "-"], seed=0)
    assert model.fit((LABELS, TEXTS)) is model
    assert model.score(TEST) == 1.0
    assert model.outcomes((["+", "+"], ["good", "bad"])).tolist() == [1, 0]


def test_the_logits_are_the_mean_of_the_words_read_by_a_linear_map():
    model = MeanClassifier(embedding(), WORDS, ["a", "b", "c"], seed=0)
    with torch.no_grad():
        model.output.weight.normal_()
        model.prior.copy_(torch.tensor([1.0, 2.0, 3.0]))
        weight = model.layer.weight
        logits = model([torch.tensor([0, 4, 4]), torch.tensor([], dtype=torch.int64), torch.tensor([1])])
        expected = torch.stack([(weight[0] + 2 * weight[4]) / 3, torch.zeros(8), weight[1]])
        torch.testing.assert_close(logits, expected @ model.output.weight.T + model.prior)


def test_a_frozen_layer_keeps_its_rows_and_counts_for_nothing():
    layer = embedding(freeze=True)
    before = layer.weight.detach().clone()
    model = MeanClassifier(layer, WORDS, ["+", "-"], seed=0).fit((LABELS, TEXTS))
    assert torch.equal(layer.weight, before)
    assert model.num_parameters == 2 * 8 + 2
    assert MeanClassifier(embedding(), WORDS, ["+", "-"], 0).num_parameters == 6 * 8 + 2 * 8 + 2


def test_a_text_without_known_words_is_of_the_most_frequent_class():
    model = MeanClassifier(embedding(), WORDS, ["+", "-"], seed=0)
    model.fit((["+"] * 10 + ["-"] * 50, ["good"] * 10 + ["bad"] * 50))
    assert model.outcomes((["-", "-"], ["", "never heard of"])).tolist() == [1, 1]


def test_the_seed_decides_all_that_is_drawn():
    labels = np.random.default_rng(0).choice(["+", "-"], 60).tolist()  # noise, so that order matters

    def logits(seed):
        model = MeanClassifier(embedding(), WORDS, ["+", "-"], seed).fit((labels, TEXTS))
        return model([torch.tensor([0]), torch.tensor([1])])

    assert torch.equal(logits(1), logits(1))
    assert not torch.equal(logits(1), logits(2))


def test_the_best_epoch_on_the_texts_held_back_is_kept(monkeypatch):
    """Labels are noise, so learning more makes it worse: what is kept must be an early state."""
    monkeypatch.setattr("rowspace.nn.mean_classifier.LEARNING_RATE", 0.5)
    rng = np.random.default_rng(1)
    labels = rng.choice(["+", "-"], 300).tolist()
    texts = [" ".join(rng.choice([*WORDS.keys], 2)) for _ in labels]
    losses = []
    model = MeanClassifier(embedding(), WORDS, ["+", "-"], seed=0)
    loss = model._loss

    def told(*arguments):
        found = loss(*arguments)
        if not torch.is_grad_enabled():
            losses.append(float(found))
        return found

    monkeypatch.setattr(model, "_loss", told)
    model.fit((labels, texts))
    best = min(losses)
    assert len(losses) == losses.index(best) + 1 + 3  # three epochs without a better one end it
    order = torch.randperm(300, generator=torch.Generator().manual_seed(0))[:30]
    with torch.no_grad():
        assert float(loss(model._rows(texts), model._targets(labels), order)) == pytest.approx(best)


def test_what_cannot_be_learned():
    model = MeanClassifier(embedding(), WORDS, ["+", "-"], seed=0)
    with pytest.raises(EvaluationError, match="two texts at least with labels among"):
        model.fit((["+"], ["good"]))
    with pytest.raises(EvaluationError, match="but got 2 with labels \\+, x"):
        model.fit((["+", "x"], ["good", "bad"]))
