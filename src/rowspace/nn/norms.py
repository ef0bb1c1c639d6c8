"""Vectors held to a largest norm, as torch's max_norm does, but without writing into the table."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor


def limiting_factors(
    vectors: Float[Tensor, "*batch dim"], limit: float, order: float = 2.0
) -> Float[Tensor, "*batch"]:
    """What each vector is multiplied by so that its norm is at most `limit`; no gradient passes through.

    >>> limiting_factors(torch.tensor([[3.0, 4.0], [0.3, 0.4]]), limit=1.0)
    tensor([0.2000, 1.0000])
    """
    norms = vectors.detach().norm(order, dim=-1)
    return torch.where(norms > limit, limit / (norms + 1e-7), torch.ones_like(norms))


def limited(
    vectors: Float[Tensor, "*batch dim"], limit: float, order: float = 2.0
) -> Float[Tensor, "*batch dim"]:
    """The vectors, those above `limit` brought down to it."""
    return vectors * limiting_factors(vectors, limit, order).unsqueeze(-1)
