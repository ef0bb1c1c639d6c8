"""The layer of each variant."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rowspace import nn as rnn
from rowspace.errors import RecipeError
from rowspace.selection.layers import embedding
from rowspace.selection.variant import Variant, standard_variants
from rowspace.table import Table
from rowspace.vocabulary import Words

KEYS = ["k3", "new", "k0", "k9"]


def test_every_layer_takes_the_same_ids(table):
    ids = torch.tensor([[0, 1], [3, 2]])
    for variant in standard_variants(table, [4]):
        layer = embedding(variant, KEYS, seed=0)
        assert layer(ids).shape == (2, 2, layer.embedding_dim)
        assert layer.embedding_dim == (variant.dim or len(KEYS))
        learns = any(part.requires_grad for part in layer.parameters())
        assert learns is not variant.is_frozen


def test_one_hot():
    layer = embedding(Variant("one-hot"), KEYS, seed=0, padding_idx=1)
    assert isinstance(layer, rnn.OneHot)
    assert layer(torch.tensor([1, 2])).to_dense().tolist() == [[0, 0, 0, 0], [0, 0, 1, 0]]


@pytest.mark.parametrize("kind", ["random frozen", "random trained"])
def test_random_rows_come_from_the_seed_alone(kind):
    keys = [str(place) for place in range(500)]
    first, again, other = (embedding(Variant(kind, 64), keys, seed).weight.detach() for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.isclose(first, other).any(dim=1).all()
    assert first.std().item() == pytest.approx(1 / 8, rel=0.02)
    assert first.mean().item() == pytest.approx(0, abs=0.003)


def test_frozen_and_trained_rows_of_a_seed_are_the_same():
    first, second = (embedding(Variant(kind, 4), KEYS, 1) for kind in ("random frozen", "random trained"))
    assert torch.equal(first.weight, second.weight)


@pytest.mark.parametrize("kind", ["pre-trained frozen", "pre-trained fine-tuned"])
def test_pretrained_rows_are_those_of_the_table_by_key(table, kind):
    layer = embedding(Variant(kind, table=table), KEYS, seed=0)
    for place, key in enumerate(KEYS):
        if key != "new":
            np.testing.assert_array_equal(layer.weight[place].detach(), table[key])
    assert bool(layer.weight[1].any()) is (kind == "pre-trained fine-tuned")


def test_unknown_rows_to_tune_lie_among_the_known_ones():
    rng = np.random.default_rng(0)
    table = Table.from_arrays(
        [f"k{row}" for row in range(300)], rng.normal(5, [0.1, 2], (300, 2)).astype(np.float32)
    )
    keys = [*table.keys, *(f"new{row}" for row in range(2000))]
    new = embedding(Variant("pre-trained fine-tuned", table=table), keys, seed=0).weight[300:].detach()
    assert new.mean(0).tolist() == pytest.approx([5, 5], abs=0.4)
    assert new.std(0).tolist() == pytest.approx([0.1, 2], rel=0.15)


def test_rows_that_are_not_finite_count_as_unknown(table):
    vectors = np.array(table.vectors)
    vectors[3, 2] = np.nan
    broken = Table.from_arrays(table.keys, vectors)
    layer = embedding(Variant("pre-trained frozen", table=broken), KEYS, seed=0)
    assert layer.weight[0].tolist() == [0] * 8
    assert torch.isfinite(embedding(Variant("pre-trained fine-tuned", table=broken), KEYS, 0).weight).all()


def test_the_padding_row_is_zero_and_stays_so(table):
    for variant in standard_variants(table, [4])[1:]:
        layer = embedding(variant, KEYS, seed=0, padding_idx=2)
        assert not layer.weight[2].any()
        if not variant.is_frozen:
            optimizer = rnn.optim.Adam(layer.parameters(), 0.1)
            layer(torch.tensor([2, 0])).sum().backward()
            optimizer.step()
            assert not layer.to_table().vectors[2].any()


def test_the_table_itself_is_never_changed(table):
    before = np.array(table.vectors)
    layer = embedding(Variant("pre-trained fine-tuned", table=table), list(table.keys), seed=0)
    with torch.no_grad():
        layer.weight.zero_()
    np.testing.assert_array_equal(table.vectors, before)


def test_words_are_taken_as_they_are():
    words = Words.from_keys(KEYS)
    assert embedding(Variant("random trained", 4), words, seed=0).vocabulary is words


def test_a_table_that_knows_no_key(table):
    with pytest.raises(RecipeError, match="but of 2 it knows none"):
        embedding(Variant("pre-trained frozen", table=table), ["K1", "K2"], seed=0)
