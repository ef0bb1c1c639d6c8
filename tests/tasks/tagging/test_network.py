"""The network against the same one made of torch's layers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from rowspace.tasks.tagging.batches import Encoded
from rowspace.tasks.tagging.columns import Sentence
from rowspace.tasks.tagging.lexicon import PADDING, Lexicon
from rowspace.tasks.tagging.network import CharacterEncoder, Sizes, TaggingNetwork
from rowspace.tasks.tagging.schemes import tags_of
from rowspace.vocabulary import Words

TEXTS = [["Ann", "saw", "Rome"], ["Rome", "!"], ["supercalifragilistic"]]
TAGS = tags_of(["x"])
LEXICON = Lexicon.of([Sentence(tuple(text), ("O",) * len(text)) for text in TEXTS])
SIZES = Sizes(dim=4, given_dim=0, filters=5, hidden=3, dropout=0.5)


def network(lexicon=LEXICON, sizes=SIZES):
    torch.manual_seed(0)
    return TaggingNetwork(lexicon, TAGS, sizes).eval()


def batch(texts=TEXTS, lexicon=LEXICON, tags=()):
    encoded = Encoded.of(texts, lexicon, tags)
    return encoded.batch(np.argsort([-len(text) for text in texts], kind="stable"))


def test_characters_are_encoded_as_by_a_convolution_over_padded_words():
    torch.manual_seed(0)
    encoder, words = CharacterEncoder(LEXICON, 5), ["Ann", "Rome", "!", "supercalifragilistic", "Z"]
    spelling = LEXICON.forms(words).spelling
    found = encoder(spelling)

    peer = torch.nn.Conv1d(24, 5, 3, padding=1)
    with torch.no_grad():
        peer.weight.copy_(encoder.convolution.weight.view(5, 3, 24).transpose(1, 2))
        peer.bias.copy_(encoder.convolution.bias)
    padding = LEXICON.characters.find(PADDING)
    for row, word in enumerate(words):
        ids = spelling.ids[spelling.starts[row] : spelling.starts[row + 1]]
        characters = torch.from_numpy(np.append(spelling.stretches[ids, 1], [padding] * 4))
        seen = functional.relu(peer(encoder.rows.weight[characters].T.unsqueeze(0)))[0, :, : len(word) + 2]
        torch.testing.assert_close(found[row], seen.amax(1))


def test_what_stands_beside_a_sentence_does_not_matter():
    found = network()
    together = found.decode(batch())
    assert [found.decode(batch([text]))[0] for text in TEXTS] == together
    emissions = found(batch()).detach()
    torch.testing.assert_close(found(batch([TEXTS[0]])).detach(), emissions[[0, 3, 5]])


def test_the_loss_is_the_mean_over_sentences():
    found, tags = network(), [[0, 0, 4], [4, 0], [1]]
    tags[2] = [4]
    alone = [found.loss(batch([text], tags=[own])) for text, own in zip(TEXTS, tags, strict=True)]
    torch.testing.assert_close(found.loss(batch(tags=tags)), torch.stack(alone).mean())
    assert all(float(each.detach()) > 0 for each in alone)


def test_words_never_met_have_features_from_their_characters_and_shape():
    found = network()
    features = found._features(batch([["Zoe", "zoe", "ZOE"]])).detach()
    own, written = features.shape[1] - SIZES.dim, features[:, : features.shape[1] - SIZES.dim]
    assert own == 16 + SIZES.filters
    assert torch.equal(features[0, own:], features[1, own:])  # the row of unknown words
    assert not torch.equal(written[0], written[1])


@pytest.mark.parametrize(("dim", "filters"), [(0, 5), (4, 0), (0, 0)])
def test_each_part_may_be_left_out(dim, filters):
    sizes = Sizes(dim=dim, given_dim=2, filters=filters, hidden=3, dropout=0.0)
    lexicon = Lexicon(LEXICON.own, Words.from_keys(["rome"]), LEXICON.shapes, LEXICON.characters)
    found = network(lexicon, sizes)
    with torch.no_grad():
        found.given.weight.fill_(1.0)
    features = found._features(batch(lexicon=lexicon)).detach()
    assert features.shape == (6, 16 + dim + filters + 2)
    assert features[:, -2:].tolist() == [[0, 0], [1, 1], [0, 0], [0, 0], [0, 0], [1, 1]]
    found.loss(batch(lexicon=lexicon)).backward()
    assert found.given.weight.grad is None


def test_every_learned_parameter_has_a_gradient():
    found = network().train()
    found.loss(batch(tags=[[0, 1, 3], [4, 0], [4]])).backward()
    for name, value in found.named_parameters():
        assert value.grad is not None, name
        assert torch.isfinite(value.grad).all(), name
