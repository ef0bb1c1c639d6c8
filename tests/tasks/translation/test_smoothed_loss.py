"""The loss and its gradient are torch's."""

from __future__ import annotations

import pytest
import torch

from rowspace.tasks.translation.smoothed_loss import smoothed_loss


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_value_and_gradient(smoothing, kind):
    generator = torch.Generator().manual_seed(1)
    logits = (3 * torch.randn(7, 11, generator=generator)).to(kind).requires_grad_()
    targets = torch.randint(11, (7,), generator=generator)
    (own,) = torch.autograd.grad(2 * smoothed_loss(logits, targets, smoothing), logits)
    wanted = 2 * torch.nn.functional.cross_entropy(logits.float(), targets, label_smoothing=smoothing)
    (right,) = torch.autograd.grad(wanted, logits)
    torch.testing.assert_close(2 * smoothed_loss(logits, targets, smoothing), wanted)
    torch.testing.assert_close(own, right)
