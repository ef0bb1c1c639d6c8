"""Dropped shares, and what is left."""

from __future__ import annotations

import pytest
import torch

from rowspace.tasks.tagging.dropout import Dropout


@pytest.mark.parametrize("share", [0.01, 0.5, 0.9])
def test_a_share_is_dropped_and_the_mean_stays(share):
    torch.manual_seed(0)
    values = torch.ones(501, 401, requires_grad=True)
    left = Dropout(share)(values)
    left.sum().backward()
    assert float((left == 0).float().mean()) == pytest.approx(share, abs=0.005)
    assert sorted(left.detach().unique().tolist()) == pytest.approx([0, 1 / (1 - share)])
    torch.testing.assert_close(values.grad, left.detach())
    for axis in (0, 1):  # no row or column is dropped more than others, whatever bits it takes
        assert float((left == 0).float().mean(axis).sub(share).abs().max()) < 0.13


def test_draws_follow_torch_and_nothing_is_dropped_unasked():
    layer, values = Dropout(0.5), torch.randn(7, 3)
    torch.manual_seed(1)
    first = layer(values)
    torch.manual_seed(1)
    assert torch.equal(layer(values), first)
    assert layer.eval()(values) is values
    assert Dropout(0.0)(values) is values
