"""The network's losses, heads and states."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from rowspace.tasks.generation.network import LanguageNetwork, Sizes
from rowspace.vocabulary import Words

SIZES = Sizes("recurrent", 8, 8, 1, 0.0, "full", True, 6, 5)
COUNTS = np.array([9, 7, 30, 20, 10, 5, 2, 1, 1, 1])


@pytest.fixture
def words():
    keys = [f"w{row}" for row in range(10)]
    return Words.from_keys(keys, counts=COUNTS, unknown_key="w1")


def made(words, **changed):
    torch.manual_seed(0)
    network = LanguageNetwork(words, replace(SIZES, **changed))
    network.begin(3)
    return network


def block():
    ids = torch.randint(10, (5, 3), generator=torch.Generator().manual_seed(1))
    return ids, (ids + 1) % 10


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("loss", ["full", "adaptive", "sampled"])
@pytest.mark.parametrize("body", ["recurrent", "transformer"])
def test_log_probabilities_are_one_distribution(words, body, loss, tied):
    network = made(words, network=body, loss=loss, tied=tied, hidden=12).eval()
    ids, targets = block()
    hidden, _ = network(ids, network.blank(3))
    every = network.log_probabilities(hidden.flatten(0, 1))
    torch.testing.assert_close(every.exp().sum(1), torch.ones(15))
    own = network.log_likelihoods(hidden.flatten(0, 1), targets.flatten())
    torch.testing.assert_close(own, every.gather(1, targets.flatten()[:, None]).squeeze(1))
    has_own = sum(each.shape == (10, 8) for each in network.parameters())
    assert has_own == (1 if tied else 2)  # ten rows are too few for tails


@pytest.mark.parametrize("loss", ["full", "adaptive"])
def test_the_loss_of_training_is_the_cross_entropy(words, loss):
    network = made(words, loss=loss)
    ids, targets = block()
    hidden, _ = network(ids, network.blank(3))
    wanted = F.nll_loss(network.log_probabilities(hidden.flatten(0, 1)), targets.flatten())
    torch.testing.assert_close(network.loss(ids, targets), wanted)


@pytest.mark.parametrize("loss", ["full", "sampled", "adaptive"])
def test_it_begins_as_a_unigram_model(words, loss):
    network = made(words, loss=loss, tied=False).eval()
    chances = network.log_probabilities(torch.zeros(1, 8)).exp()[0]
    shares = torch.from_numpy(COUNTS / COUNTS.sum()).float()
    torch.testing.assert_close(chances[2:5], shares[2:5], rtol=0.02, atol=0.0)


def test_states_are_carried_and_forgotten(words):
    network = made(words)
    ids, targets = block()
    first = network.loss(ids, targets)
    assert all(state.abs().sum() > 0 for state in network.carried)
    assert {"carried_0", "carried_1"} <= dict(network.named_buffers()).keys()
    assert not any(name.startswith("carried") for name in network.state_dict())
    assert network.loss(ids, targets) != first
    network.forget()
    torch.testing.assert_close(network.loss(ids, targets), first)
    first.backward()  # what later stretches wrote into the states is not what this one read


def test_dropout_holds_throughout_a_stretch(words):
    network = made(words, dropout=0.5, dim=64, hidden=64).train()
    kept = network._held(torch.ones(5, 3, 64))
    assert (kept == kept[:1]).all() and not (kept[:, :1] == kept).all()
    assert set(kept.unique().tolist()) == {0.0, 2.0}
