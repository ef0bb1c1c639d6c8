"""Cross-entropy with smoothed targets, its gradient computed where the logits lie."""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor


class _SmoothedLoss(torch.autograd.Function):
    """Three passes over the logits for value and gradient together; autograd would take a dozen."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
        logs = logits.float().log_softmax(1)
        chosen = logs.gather(1, targets.unsqueeze(1)).sum()
        loss = -(1 - smoothing) * chosen
        if smoothing:
            loss -= smoothing / logits.shape[1] * logs.sum()
        if logits.requires_grad:
            # d loss / d logits = softmax - (1 - smoothing) [target] - smoothing / rows
            gradient = logs.exp_()
            gradient.scatter_add_(
                1,
                targets.unsqueeze(1),
                torch.full_like(targets, 1, dtype=gradient.dtype).mul_(smoothing - 1)[:, None],
            )
            if smoothing:
                gradient -= smoothing / logits.shape[1]
            ctx.save_for_backward(gradient.to(logits.dtype))
        return loss / len(logits)

    @staticmethod
    def backward(ctx: Any, outer: Tensor) -> tuple[Tensor, None, None]:
        (gradient,) = ctx.saved_tensors
        return gradient * (outer / len(gradient)), None, None


def smoothed_loss(
    logits: Float[Tensor, "n rows"], targets: Int64[Tensor, "n"], smoothing: float
) -> Float[Tensor, ""]:
    """The mean cross-entropy against targets that give the share `smoothing` to all rows evenly.

    The same as torch's cross_entropy with label_smoothing. (Szegedy et al., CVPR 2016.)

    >>> logits = torch.tensor([[2.0, 0.0, 1.0]])
    >>> float(smoothed_loss(logits, torch.tensor([0]), 0.1))
    0.5076...
    """
    apply: Any = _SmoothedLoss.apply
    loss: Tensor = apply(logits, targets, smoothing)
    return loss
