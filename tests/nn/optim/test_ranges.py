"""Settings of groups, checked."""

from __future__ import annotations

import pytest
import torch

from rowspace.errors import RecipeError
from rowspace.nn.optim.ranges import at_least_zero, refuse


@pytest.mark.parametrize("value", [0, 0.5, torch.tensor(0.5)])
def test_numbers_from_zero_on_pass(value):
    at_least_zero({"lr": value}, "lr")


@pytest.mark.parametrize("value", [-0.1, float("nan"), torch.tensor(-1.0)])
def test_others_do_not(value):
    with pytest.raises(RecipeError, match="lr"):
        at_least_zero({"eps": 1.0, "lr": value}, "eps", "lr")


def test_what_is_not_offered_is_refused_where_it_is_set():
    refuse({"maximize": False}, "maximize", "amsgrad")
    with pytest.raises(RecipeError, match="maximize"):
        refuse({"maximize": True}, "maximize")
