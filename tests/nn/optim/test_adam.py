"""Adam of rows against torch's dense Adam."""

from __future__ import annotations

import pytest
import torch

from rowspace.errors import RecipeError
from rowspace.nn.embedding import Embedding
from rowspace.nn.optim import Adam


@pytest.mark.parametrize("scale", [1.0, 1e-6])
def test_after_200_sparse_steps_every_row_is_the_dense_one(train_both, scale):
    settings = {"lr": 3e-3}
    race = train_both(
        lambda params: Adam(params, **settings),
        lambda params: torch.optim.Adam(params, **settings),
        scale=scale,
        schedule=lambda optimizer: torch.optim.lr_scheduler.StepLR(optimizer, 30, 0.7),
    )
    assert race.error < 1e-5 and race.exact_error < 1e-5


def test_decay_of_rows_is_refused_and_points_to_adamw():
    with pytest.raises(RecipeError, match="AdamW"):
        Adam(Embedding(3, 2).parameters(), weight_decay=0.1)


def test_decay_of_ordinary_parameters_is_that_of_torch():
    layer, linear = Embedding(3, 2), torch.nn.Linear(2, 1)
    twin = torch.nn.Linear(2, 1)
    twin.load_state_dict(linear.state_dict())
    groups = [{"params": layer.parameters()}, {"params": linear.parameters(), "weight_decay": 0.3}]
    optimizers = Adam(groups, lr=0.1), torch.optim.Adam(twin.parameters(), lr=0.1, weight_decay=0.3)
    for _ in range(5):
        for each, optimizer in zip((linear, twin), optimizers, strict=True):
            optimizer.zero_grad()
            each(torch.ones(1, 2)).sum().backward()
            optimizer.step()
    torch.testing.assert_close(linear.weight, twin.weight, atol=0, rtol=0)


@pytest.mark.parametrize(
    "settings",
    [{"lr": -1.0}, {"betas": (1.0, 0.9)}, {"betas": (0.9, -0.1)}, {"eps": 0.0}, {"weight_decay": -1.0}],
)
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(RecipeError):
        Adam(torch.nn.Linear(2, 1).parameters(), **settings)


def test_amsgrad_in_a_loaded_state_is_refused():
    layer, twin = Embedding(3, 2), torch.nn.Embedding(3, 2)
    with pytest.raises(RecipeError, match="amsgrad"):
        Adam(layer.parameters()).load_state_dict(
            torch.optim.Adam(twin.parameters(), amsgrad=True).state_dict()
        )
