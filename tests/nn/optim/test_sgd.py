"""SGD of rows against torch's dense SGD."""

from __future__ import annotations

import pytest
import torch

from rowspace.errors import RecipeError
from rowspace.nn.embedding import Embedding
from rowspace.nn.optim import SGD


@pytest.mark.parametrize(
    "settings",
    [
        {"lr": 1e-3},
        {"lr": 1e-3, "momentum": 0.9},
        {"lr": 1e-3, "momentum": 0.5, "nesterov": True},
        {"lr": 1e-4, "momentum": 0.99},
    ],
    ids=str,
)
def test_after_200_sparse_steps_every_row_is_the_dense_one(train_both, settings):
    race = train_both(
        lambda params: SGD(params, **settings),
        lambda params: torch.optim.SGD(params, **settings),
        schedule=lambda optimizer: torch.optim.lr_scheduler.LinearLR(optimizer, 0.1, 1.0, 100),
        scale=0.1,
    )
    assert race.error < 1e-5 and race.exact_error < 1e-5
    assert (race.exact - race.start).abs().max() > 0.05


def test_cycled_momentum_is_caught_up(train_both):
    race = train_both(
        lambda params: SGD(params, lr=1e-3, momentum=0.9),
        lambda params: torch.optim.SGD(params, lr=1e-3, momentum=0.9),
        schedule=lambda optimizer: torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=3e-3, total_steps=201
        ),
        scale=0.1,
    )
    assert race.error < 1e-5


def test_decay_moves_the_rows_of_the_batch_alone():
    layer = Embedding(2, 1, _weight=torch.ones(2, 1))
    optimizer = SGD(layer.parameters(), lr=0.5, weight_decay=0.5)
    layer(torch.tensor([0])).sum().backward()
    optimizer.step()
    assert layer.weight.flatten().tolist() == [1 - 0.5 * 1.5, 1]


def test_momentum_switched_off_brings_rows_up_to_date_and_then_leaves_them():
    layer, twin = Embedding(3, 2), torch.nn.Embedding(3, 2)
    twin.weight.data.copy_(layer.weight)
    optimizers = SGD(layer.parameters(), 0.1, 0.9), torch.optim.SGD(twin.parameters(), 0.1, 0.9)
    for step in range(8):
        for each, optimizer in zip((layer, twin), optimizers, strict=True):
            optimizer.param_groups[0]["momentum"] = 0.9 if step < 5 else 0.0
            optimizer.zero_grad()
            each(torch.tensor([min(step, 2)])).square().sum().backward()
            optimizer.step()
    layer.settle()
    torch.testing.assert_close(layer.weight, twin.weight)


def test_a_history_that_is_full_is_begun_anew(train_both, monkeypatch):
    monkeypatch.setattr("rowspace.nn.optim.momentum_history.CAPACITY", 37)
    race = train_both(
        lambda params: SGD(params, lr=1e-3, momentum=0.9),
        lambda params: torch.optim.SGD(params, lr=1e-3, momentum=0.9),
    )
    assert race.error < 1e-5


@pytest.mark.parametrize("settings", [{"lr": -0.1}, {"momentum": -1.0}, {"nesterov": True}])
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(RecipeError):
        SGD(torch.nn.Linear(2, 1).parameters(), **settings)


def test_ordinary_parameters_follow_torch_bit_by_bit():
    ours, theirs = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
    theirs.load_state_dict(ours.state_dict())
    settings = {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}
    optimizers = SGD(ours.parameters(), **settings), torch.optim.SGD(theirs.parameters(), **settings)
    for _ in range(5):
        for each, optimizer in zip((ours, theirs), optimizers, strict=True):
            optimizer.zero_grad()
            each(torch.ones(1, 3)).square().sum().backward()
            optimizer.step()
    torch.testing.assert_close(ours.weight, theirs.weight, atol=0, rtol=0)
