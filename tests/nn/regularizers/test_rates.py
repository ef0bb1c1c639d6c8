"""The rates that regularizers heed."""

from __future__ import annotations

import torch

from rowspace.nn.regularizers.rates import rates_of
from rowspace.nn.row_parameter import RowParameter


def test_a_plain_tensor_has_none():
    assert rates_of(torch.ones(3, 2), torch.tensor([1])) is None
    assert rates_of(RowParameter(torch.ones(3, 2)), torch.tensor([1])) is None


def test_a_weight_with_rates_gives_those_of_the_rows():
    weight = RowParameter(torch.ones(3, 2))
    weight.rates = torch.tensor([0.0, 0.5, 1.0])
    assert rates_of(weight, torch.tensor([0, 2])).tolist() == [0.0, 1.0]
