"""AdamW of rows against torch's dense AdamW."""

from __future__ import annotations

import pytest
import torch

from rowspace.errors import RecipeError
from rowspace.nn.embedding import Embedding
from rowspace.nn.optim import AdamW

SCHEDULES = {
    "cosine": lambda optimizer: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 200),
    # Cycles beta1 as well as the rate.
    "one cycle": lambda optimizer: torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=3e-3, total_steps=201
    ),
}


def both(**settings):
    return (lambda params: AdamW(params, **settings), lambda params: torch.optim.AdamW(params, **settings))


@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e-8])
def test_after_200_sparse_steps_every_row_is_the_dense_one_whatever_the_size_of_gradients(train_both, scale):
    race = train_both(*both(lr=3e-3, weight_decay=0.1), scale=scale)
    assert race.error < 1e-5 and race.exact_error < 1e-5
    assert (race.exact - race.start).abs().max() > 0.05


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_count_as_they_were_in_each_skipped_step(train_both, name):
    race = train_both(*both(lr=3e-3, weight_decay=0.3), schedule=SCHEDULES[name])
    assert race.error < 1e-5 and race.exact_error < 1e-5


@pytest.mark.parametrize(
    "settings",
    [
        {"betas": (0.9, 0.95)},
        {"betas": (0.9, 0.9)},  # no table: single steps
        {"betas": (0.0, 0.99)},
        {"eps": 1e-3},
        {"weight_decay": 0.0},
        {"weight_decay": 30.0},
    ],
    ids=str,
)
def test_other_settings_are_caught_up_as_well(train_both, settings):
    race = train_both(*both(**{"lr": 1e-3, "weight_decay": 0.1, **settings}), scale=1e-6, steps=100)
    assert race.error < 1e-5 and race.exact_error < 1e-5


def test_a_row_that_was_met_once_is_right_after_many_steps():
    ours, dense = Embedding(3, 4), torch.nn.Embedding(3, 4, dtype=torch.float64)
    dense.weight.data.copy_(ours.weight)
    optimizers = AdamW(ours.parameters(), lr=1e-3), torch.optim.AdamW(dense.parameters(), lr=1e-3)
    for step in range(500):
        for layer, optimizer in zip((ours, dense), optimizers, strict=True):
            optimizer.zero_grad()
            layer(torch.tensor([1 if step == 40 else 2])).sum().backward()
            optimizer.step()
    ours.settle()
    torch.testing.assert_close(ours.weight.double()[:2], dense.weight[:2], atol=1e-6, rtol=0)


def test_rows_never_met_decay_and_nothing_else():
    layer = Embedding(2, 3, _weight=torch.ones(2, 3))
    optimizer = AdamW(layer.parameters(), lr=0.1, weight_decay=0.5)
    for _ in range(10):
        layer(torch.tensor([0])).sum().backward()
        optimizer.step()
    layer.settle()
    torch.testing.assert_close(layer.weight[1].detach(), torch.full((3,), 0.95**10))


@pytest.mark.parametrize("rate", [0.0, 0.5, 3.0])
def test_the_rate_of_a_row_multiplies_its_learning_rate_in_skipped_steps_too(rate):
    ours, dense = Embedding(2, 4), torch.nn.Embedding(1, 4, dtype=torch.float64)
    dense.weight.data.copy_(ours.weight[:1])
    ours.weight.rates = torch.tensor([rate, 1.0])
    optimizers = (
        AdamW(ours.parameters(), lr=1e-2, weight_decay=0.3),
        torch.optim.AdamW(dense.parameters(), lr=1e-2 * rate, weight_decay=0.3),
    )
    for step in range(300):
        met = step % 260 == 30
        for optimizer in optimizers:
            optimizer.zero_grad()
        ours(torch.tensor([0, 1] if met else [1])).square().sum().backward()
        (dense(torch.tensor([0])).square().sum() * met).backward()
        for optimizer in optimizers:
            optimizer.step()
    ours.settle()
    torch.testing.assert_close(ours.weight[0].double(), dense.weight[0], atol=2e-6, rtol=0)


def test_decay_that_would_turn_rows_around_is_refused():
    layer = Embedding(2, 3)
    optimizer = AdamW(layer.parameters(), lr=1.0, weight_decay=1.0)
    layer(torch.tensor([0])).sum().backward()
    with pytest.raises(RecipeError, match="below 1"):
        optimizer.step()


def test_a_history_that_is_full_is_begun_anew(train_both, monkeypatch):
    monkeypatch.setattr("rowspace.nn.optim.adam_history.CAPACITY", 37)
    race = train_both(*both(lr=3e-3, weight_decay=0.1), steps=100)
    assert race.error < 1e-5
