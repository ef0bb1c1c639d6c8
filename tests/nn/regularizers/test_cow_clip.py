"""Clipping row by row."""

from __future__ import annotations

import pytest
import torch

from rowspace.errors import RecipeError
from rowspace.nn.regularizers import CowClip
from rowspace.nn.row_gradient import RowGradient, group, of_sums


def test_it_is_the_papers_algorithm_row_by_row():
    source = torch.Generator().manual_seed(0)
    weight = torch.randn(20, 4, generator=source) * torch.logspace(-3, 1, 20).unsqueeze(1)
    weight[3] = 0
    ids, outputs = torch.randint(0, 20, (60,), generator=source), torch.randn(60, 4, generator=source)
    ids[0] = 3
    ratio, minimum = 0.7, 0.05
    clipped = CowClip(ratio, minimum).before_step(weight, group([RowGradient(ids, outputs)], 20), lr=0.1)
    kept = 0
    for place, row in enumerate(clipped.rows.tolist()):
        gradient = outputs[ids == row].sum(0)
        threshold = int((ids == row).sum()) * max(ratio * weight[row].norm().item(), minimum)
        factor = min(1.0, threshold / gradient.norm().item())
        kept += factor == 1.0
        torch.testing.assert_close(clipped.outputs[place], factor * gradient)
    assert 0 < kept < len(clipped.rows), "both cases must occur"


def test_counts_outlive_the_summing():
    weight, gradient = torch.ones(3, 4), torch.full((2, 4), 100.0)
    clipped = CowClip(1.0).before_step(
        weight, of_sums(torch.tensor([0, 2]), gradient, torch.tensor([1, 3])), lr=0.1
    )
    torch.testing.assert_close(clipped.outputs.norm(dim=1), torch.tensor([2.0, 6.0]))


def test_a_zero_gradient_stays_zero():
    clipped = CowClip(1.0, minimum=0).before_step(
        torch.zeros(3, 4), of_sums(torch.arange(3), torch.zeros(3, 4)), lr=0.1
    )
    assert (clipped.outputs == 0).all()


@pytest.mark.parametrize(("ratio", "minimum", "name"), [(-1.0, 0.1, "ratio"), (1.0, -0.1, "minimum")])
def test_what_is_out_of_range_is_refused(ratio: float, minimum: float, name: str):
    with pytest.raises(RecipeError, match=f"{name} of CowClip"):
        CowClip(ratio, minimum)
