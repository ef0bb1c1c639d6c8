"""The penalty on rows in use."""

from __future__ import annotations

import pytest
import torch

from rowspace.errors import RecipeError
from rowspace.nn.regularizers import RowL2
from rowspace.nn.row_gradient import RowGradient, group, of_sums


def test_it_is_the_gradient_of_the_penalty():
    weight = torch.randn(6, 3, requires_grad=True)
    ids = torch.tensor([4, 1, 4])
    outputs = torch.randn(3, 3)
    loss = (weight[ids] * outputs).sum() + 0.3 / 2 * weight[[1, 4]].square().sum()
    loss.backward()
    segments = RowL2(0.3).before_step(weight, group([RowGradient(ids, outputs)], 6), lr=0.1)
    assert segments.rows.tolist() == [1, 4]
    assert segments.counts.tolist() == [1, 2]
    torch.testing.assert_close(segments.outputs, weight.grad[[1, 4]])


def test_it_leaves_weight_and_collected_outputs_alone():
    weight, outputs = torch.randn(6, 3), torch.randn(3, 3)
    before = weight.clone(), outputs.clone()
    regularizer = RowL2(0.3)
    segments = regularizer.before_step(
        weight, group([RowGradient(torch.tensor([4, 1, 4]), outputs)], 6), lr=0.1
    )
    regularizer.after_step(weight, segments.rows)
    assert torch.equal(weight, before[0])
    assert torch.equal(outputs, before[1])


def test_no_rows():
    empty = of_sums(torch.empty(0, dtype=torch.long), torch.empty(0, 3))
    assert RowL2(0.3).before_step(torch.randn(6, 3), empty, lr=0.1).outputs.shape == (0, 3)


@pytest.mark.parametrize("strength", [-1.0, float("nan"), float("inf")])
def test_a_strength_outside_its_range_is_refused(strength: float):
    with pytest.raises(RecipeError, match="strength of RowL2 must be a finite number of at least 0"):
        RowL2(strength)
