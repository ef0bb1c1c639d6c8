"""AdaGrad of rows against torch's dense Adagrad."""

from __future__ import annotations

import pytest
import torch

from rowspace.errors import RecipeError
from rowspace.nn.embedding import Embedding
from rowspace.nn.optim import Adagrad


@pytest.mark.parametrize(
    "settings", [{}, {"lr_decay": 0.05, "initial_accumulator_value": 0.1, "eps": 1e-3}], ids=str
)
def test_after_200_sparse_steps_every_row_is_the_dense_one(train_both, settings):
    race = train_both(
        lambda params: Adagrad(params, lr=0.05, **settings),
        lambda params: torch.optim.Adagrad(params, lr=0.05, **settings),
    )
    assert race.error < 1e-5 and race.exact_error < 1e-5


def test_decay_moves_the_rows_of_the_batch_alone():
    layer, twin = Embedding(2, 3), torch.nn.Embedding(2, 3)
    twin.weight.data.copy_(layer.weight)
    before = layer.weight.detach().clone()
    for each, optimizer in (
        (layer, Adagrad(layer.parameters(), weight_decay=0.5)),
        (twin, torch.optim.Adagrad(twin.parameters(), weight_decay=0.5)),
    ):
        each(torch.tensor([0])).square().sum().backward()
        optimizer.step()
    torch.testing.assert_close(layer.weight[0], twin.weight[0])
    torch.testing.assert_close(layer.weight[1].detach(), before[1])


def test_ordinary_parameters_follow_torch_bit_by_bit():
    ours, theirs = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
    theirs.load_state_dict(ours.state_dict())
    settings = {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.2}
    optimizers = Adagrad(ours.parameters(), **settings), torch.optim.Adagrad(theirs.parameters(), **settings)
    for _ in range(5):
        for each, optimizer in zip((ours, theirs), optimizers, strict=True):
            optimizer.zero_grad()
            each(torch.ones(1, 3)).square().sum().backward()
            optimizer.step()
    torch.testing.assert_close(ours.weight, theirs.weight, atol=0, rtol=0)


@pytest.mark.parametrize("settings", [{"lr": -0.1}, {"eps": -1.0}, {"initial_accumulator_value": -1.0}])
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(RecipeError):
        Adagrad(torch.nn.Linear(2, 1).parameters(), **settings)
