"""Attention of several heads, and padding that nothing attends to (Vaswani et al., NeurIPS 2017)."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

Mask = Float[Tensor, "sentences 1 1 length"]  # 0 where a place may be attended to, -inf at padding
Heads = Float[Tensor, "sentences heads _ share"]


class Attention(torch.nn.Module):
    """Each query takes a mean of the values, weighted by how well their keys fit it.

    Sentences are short: two plain products are ten times as fast on a CPU as PyTorch's fused kernel, which
    is made for long ones.

    >>> attention = Attention(dim=6, heads=2)
    >>> states = torch.zeros(3, 5, 6)
    >>> attention(states, *attention.keys_and_values(states)).shape
    torch.Size([3, 5, 6])
    """

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.queries = torch.nn.Linear(dim, dim)
        self.memory = torch.nn.Linear(dim, 2 * dim)
        self.output = torch.nn.Linear(dim, dim)
        self.scale = 1 / math.sqrt(dim // heads)

    def keys_and_values(self, states: Float[Tensor, "sentences length dim"]) -> tuple[Heads, Heads]:
        """What `states` offer to queries; a search computes it once for each place."""
        keys, values = self.memory(states).chunk(2, 2)
        return self._split(keys), self._split(values)

    def forward(
        self,
        states: Float[Tensor, "sentences places dim"],
        keys: Heads,
        values: Heads,
        mask: Float[Tensor, "*any length"] | None = None,
    ) -> Float[Tensor, "sentences places dim"]:
        """What each place takes; `mask` is added to how well keys fit."""
        fits = torch.matmul(self._split(self.queries(states)), keys.transpose(2, 3)).float() * self.scale
        if mask is not None:
            fits = fits + mask
        taken = torch.matmul(fits.softmax(3).to(values.dtype), values)
        output: Tensor = self.output(taken.transpose(1, 2).flatten(2))
        return output

    def _split(self, states: Float[Tensor, "sentences length dim"]) -> Heads:
        sentences, length, dim = states.shape
        return states.view(sentences, length, self.heads, dim // self.heads).transpose(1, 2)


def causal_mask(length: int) -> Float[Tensor, "places places"]:
    """Lets each place attend to those up to its own.

    >>> causal_mask(2)
    tensor([[0., -inf],
            [0., 0.]])
    """
    return torch.full((length, length), -torch.inf).triu(1)
