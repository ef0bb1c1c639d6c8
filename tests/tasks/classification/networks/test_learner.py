"""Targets and losses, with one label a text and with many."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rowspace.corpus.labelled import open_labelled
from rowspace.tasks.classification.networks.learner import TextLearner, targets_of
from rowspace.tasks.classification.networks.lexicon import Lexicon
from rowspace.tasks.classification.networks.network import Sizes, TextNetwork

PAIRS = [("x", "a b"), (["x", "y"], "b c d"), ("z", "")]


def test_labels_of_a_text_share_one_with_softmax():
    data = open_labelled(PAIRS)
    assert targets_of(data, "softmax").tolist() == [[1, 0, 0], [0.5, 0.5, 0], [0, 0, 1]]
    assert targets_of(data, "one-vs-all").tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]


@pytest.mark.parametrize("loss", ["softmax", "one-vs-all"])
def test_the_loss_is_the_mean_over_texts(loss):
    texts = [text.split() for _, text in PAIRS]
    lexicon = Lexicon.of(texts, None, mode="both", min_count=1, length=9)
    sizes = Sizes(encoder="attention", own_dim=4, given_dim=0, width=5, dropout=0.0, rarity=0.0)
    network = TextNetwork(lexicon, 3, sizes).eval()
    targets = targets_of(open_labelled(PAIRS), loss)
    learner = TextLearner(network, lexicon.encode(texts), targets, loss, 2, None)
    assert learner.score() is None
    assert len(learner.order(np.random.default_rng(0))) == 2
    batch = learner.batch(np.array([2, 1]))
    found, count = learner.loss(batch)
    logits = network(batch[0]).detach().double().numpy()
    wanted = targets[[2, 1]]
    if loss == "softmax":
        chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        losses = -(wanted * np.log(chances)).sum(axis=1)
    else:
        chances = 1 / (1 + np.exp(-logits))
        losses = -(wanted * np.log(chances) + (1 - wanted) * np.log(1 - chances)).sum(axis=1)
    assert count == 2
    assert float(found.detach()) == pytest.approx(losses.mean(), rel=1e-5)
    assert torch.isfinite(found)
