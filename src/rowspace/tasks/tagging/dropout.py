"""Dropout of single values, drawn sixteen bits at a time."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

STEPS = 1 << 16  # of the probability; a 64-bit draw decides on four values
LOWEST = -(1 << 15)


class Dropout(torch.nn.Module):
    """torch.nn.Dropout, whose draws on a CPU cost more than the LSTM's activations; this takes a fifth.

    The probability is rounded to a multiple of 2 ** -16. Draws come from torch's global generator.

    >>> layer = Dropout(0.25)
    >>> sorted({round(value, 3) for value in layer(torch.ones(100)).tolist()})
    [0.0, 1.333]
    >>> layer.eval()(torch.ones(3)).tolist()
    [1.0, 1.0, 1.0]
    """

    def __init__(self, share: float) -> None:
        """`share` of the values, in [0, 1), become zero."""
        super().__init__()
        self.share = share

    def forward(self, values: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """The values with some of them zero and the others scaled up; outside of training as they are."""
        if not self.training or not self.share:
            return values
        count = values.numel()
        drawn = torch.empty(-(-count // 4), dtype=torch.int64).random_(-(1 << 63), None)
        is_kept = drawn.view(torch.int16)[:count] >= LOWEST + round(self.share * STEPS)
        return values * (is_kept.view(values.shape).to(values.dtype) * (1 / (1 - self.share)))

    def extra_repr(self) -> str:
        """The share, as print shows it."""
        return f"{self.share}"
