"""The network's word rows: learned, given, and both."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rowspace.tasks.classification.networks.batches import batch_of
from rowspace.tasks.classification.networks.lexicon import PADDING, Lexicon
from rowspace.tasks.classification.networks.network import Sizes, TextNetwork
from rowspace.vocabulary import Words

TEXTS = [["a", "good", "film"], ["bad"]]


def network(encoder, mode, *, dim=4, given_dim=3, rarity=0.0):
    lexicon = Lexicon.of(TEXTS, Words.from_keys(["good", "play"]), mode=mode, min_count=1, length=9)
    sizes = Sizes(encoder=encoder, own_dim=dim, given_dim=given_dim, width=5, dropout=0.0, rarity=rarity)
    return lexicon, TextNetwork(lexicon, 2, sizes)


@pytest.mark.parametrize(("mode", "dims"), [("both", (4, 3)), ("tuned", (4, 0)), ("frozen", (0, 3))])
def test_words_are_the_rows_side_by_side(encoder, mode, dims):
    torch.manual_seed(0)
    lexicon, found = network(encoder, mode, dim=dims[0], given_dim=dims[1])
    if found.given is not None:
        found.given.weight.normal_()
    batch = batch_of(lexicon.encode(TEXTS), np.arange(2))
    parts = [layer(ids) for layer, ids in ((found.own, batch.own), (found.given, batch.given)) if layer]
    wanted = found.output(found.encoder(torch.cat(parts, 2), batch.is_token))
    torch.testing.assert_close(found(batch), wanted)
    assert parts[0].shape[2] + (parts[1].shape[2] if parts[1:] else 0) == sum(dims)


def test_padding_and_given_rows_do_not_learn(encoder):
    lexicon, found = network(encoder, "both")
    found.given.weight.normal_()
    batch = batch_of(lexicon.encode(TEXTS), np.arange(2))
    found(batch).sum().backward()
    assert not found.own.weight[lexicon.own.find(PADDING)].any()
    assert not found.own.weight.grad[lexicon.own.find(PADDING)].any()
    assert found.own.weight.grad[lexicon.own.find("bad")].any()
    assert not found.given.weight.requires_grad


def test_rare_words_are_taken_for_unknown_in_training_alone(encoder):
    lexicon, found = network(encoder, "tuned", rarity=1e6)
    batch = batch_of(lexicon.encode(TEXTS), np.arange(2))
    unknown = found.own.weight[lexicon.own.unknown_row]
    assert torch.equal(found.train().own(batch.own)[0, 0], unknown)
    assert not torch.equal(found.eval().own(batch.own)[0, 0], unknown)
