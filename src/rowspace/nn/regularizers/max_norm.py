"""A largest length of rows, kept by the step and not by the lookup."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from rowspace.errors import RecipeError
from rowspace.nn.norms import limiting_factors
from rowspace.nn.regularizers.rates import rates_of
from rowspace.nn.row_gradient import Segments


class MaxNorm:
    """Bring each stepped row whose p-norm is above `limit` back to it.

    torch's max_norm writes into the weight while it is being read, so the same table gives other vectors
    after a forward pass without training, and autograd fails where the weight is used once more. Here the
    row is projected once, after the step that moved it; rows that were longer from the start are brought
    back by the first step that meets them. Frozen rows stay as they are.

    >>> weight = torch.tensor([[3.0, 4.0], [0.3, 0.4], [30.0, 40.0]])
    >>> MaxNorm(1.0).after_step(weight, torch.tensor([0, 1]))
    >>> weight.norm(dim=1)
    tensor([ 1.0000,  0.5000, 50.0000])
    """

    def __init__(self, limit: float, p: float = 2.0) -> None:
        """Take the limit and the order of the norm (float("inf"): the largest value).

        Raises RecipeError unless both are above 0.
        """
        if not (limit > 0 and p > 0):
            raise RecipeError(f"MaxNorm needs a limit and an order p above 0, but got {limit} and {p}")
        self.limit = limit
        self.p = p

    def before_step(self, weight: Float[Tensor, "rows dim"], segments: Segments, lr: float) -> Segments:
        """Leave the gradient as it is."""
        return segments

    @torch.no_grad()
    def after_step(self, weight: Float[Tensor, "rows dim"], rows: Int64[Tensor, "distinct"]) -> None:
        """Project the rows in place."""
        vectors = weight.index_select(0, rows)
        factors = limiting_factors(vectors, self.limit, self.p)
        rates = rates_of(weight, rows)
        if rates is not None:
            factors = torch.where(rates == 0, torch.ones_like(factors), factors)
        weight.index_copy_(0, rows, vectors * factors.unsqueeze(1))
