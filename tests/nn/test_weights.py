from __future__ import annotations

import pytest
import torch

from rowspace import nn as rnn
from rowspace.errors import RecipeError


def test_loading_by_assignment_keeps_rates_and_regularizers() -> None:
    layer, other = rnn.Embedding(4, 2, max_norm=1.0), torch.nn.Embedding(4, 2)
    layer.regularize(rnn.RowL2(0.1))
    layer.weight.rates = torch.tensor([0.0, 1.0, 1.0, 1.0])
    rates, regularizers = layer.weight.rates, layer.weight.regularizers
    layer.load_state_dict(other.state_dict(), assign=True)
    assert isinstance(layer.weight, rnn.RowParameter)
    assert layer.weight.rates is rates
    assert layer.weight.regularizers is regularizers
    assert [type(each) for each in regularizers] == [rnn.MaxNorm, rnn.RowL2]


def test_loading_in_place_keeps_the_parameter() -> None:
    layer = rnn.Embedding(4, 2)
    weight = layer.weight
    layer.load_state_dict(torch.nn.Embedding(4, 2).state_dict())
    assert layer.weight is weight


def test_regularizers_without_an_optimizer_of_ours_are_told() -> None:
    layer = rnn.Embedding(4, 2).regularize(rnn.RowL2(0.1))
    with pytest.raises(RecipeError, match=r"rowspace\.nn\.optim"):
        layer(torch.tensor([1])).sum().backward()
    optimizer = rnn.optim.SGD(layer.parameters(), lr=0.1)
    layer(torch.tensor([1])).sum().backward()
    optimizer.step()


def test_saving_settles(collecting) -> None:
    layer = rnn.EmbeddingBag(4, 2)
    keeper = collecting(layer)
    layer.state_dict()
    assert keeper.settled == [None]


def test_a_start_on_the_meta_device() -> None:
    with torch.device("meta"):
        layer = rnn.Embedding(4, 2, name="late")
    rows = torch.randn(4, 2)
    layer.load_state_dict({"weight": rows}, assign=True)
    assert torch.equal(layer(torch.tensor([3])), rows[3:])
