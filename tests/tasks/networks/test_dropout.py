"""Dropout by bytes."""

from __future__ import annotations

import pytest
import torch

from rowspace.tasks.networks import Dropout


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9])
def test_about_a_share_is_zero_and_the_mean_stays(share):
    torch.manual_seed(1)
    values = torch.ones(301, 331, requires_grad=True)
    dropped = Dropout(share)(values)
    assert abs(float((dropped == 0).float().mean()) - share) < 0.01
    assert abs(float(dropped.detach().mean()) - 1) < 0.03
    (gradient,) = torch.autograd.grad(dropped.sum(), values)
    torch.testing.assert_close(gradient, dropped.detach())


def test_evaluation_changes_nothing_and_draws_follow_the_seed():
    dropout, values = Dropout(0.5), torch.randn(50)
    torch.manual_seed(2)
    first = dropout(values)
    torch.manual_seed(2)
    assert torch.equal(first, dropout(values))
    assert dropout.eval()(values) is values
