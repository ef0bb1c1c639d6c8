"""The largest length of rows."""

from __future__ import annotations

import pytest
import torch

from rowspace.errors import RecipeError
from rowspace.nn.regularizers import MaxNorm
from rowspace.nn.row_gradient import of_sums
from rowspace.nn.row_parameter import RowParameter


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0, float("inf")])
def test_stepped_rows_are_projected_as_torch_renormalizes_them(p: float):
    weight = torch.randn(8, 5, generator=torch.Generator().manual_seed(0))
    before, rows = weight.clone(), torch.tensor([0, 3, 6])
    MaxNorm(1.5, p).after_step(weight, rows)
    torch.testing.assert_close(weight[rows], torch.renorm(before[rows], p, 0, 1.5), rtol=1e-5, atol=1e-6)
    others = [1, 2, 4, 5, 7]
    assert torch.equal(weight[others], before[others])


def test_short_rows_and_zero_rows_do_not_change_a_bit():
    weight = torch.tensor([[0.0, 0.0], [0.3, 0.4]])
    MaxNorm(1.0).after_step(weight, torch.arange(2))
    assert torch.equal(weight, torch.tensor([[0.0, 0.0], [0.3, 0.4]]))


def test_frozen_rows_stay_and_slow_rows_do_not():
    weight = RowParameter(torch.full((3, 2), 9.0))
    weight.rates = torch.tensor([0.0, 0.1, 1.0])
    MaxNorm(1.0).after_step(weight, torch.arange(3))
    torch.testing.assert_close(weight.detach().norm(dim=1), torch.tensor([162**0.5, 1.0, 1.0]))


def test_the_gradient_passes_as_it_is():
    segments = of_sums(torch.tensor([1]), torch.ones(1, 2))
    assert MaxNorm(1.0).before_step(torch.ones(3, 2), segments, lr=0.1) is segments


@pytest.mark.parametrize(("limit", "p"), [(0.0, 2.0), (-1.0, 2.0), (1.0, 0.0), (float("nan"), 2.0)])
def test_what_is_out_of_range_is_refused(limit: float, p: float):
    with pytest.raises(RecipeError, match="a limit and an order p above 0"):
        MaxNorm(limit, p)
