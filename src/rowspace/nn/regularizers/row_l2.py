"""A penalty on the length of rows, paid only by those in use."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from rowspace.nn.regularizers.ranges import not_negative
from rowspace.nn.row_gradient import Segments


class RowL2:
    """Add strength * row to the gradient of each row in use: the penalty ``strength / 2 * |row|**2``.

    A penalty on the whole table would read and write every row at every step, and pull rows that no
    batch has met to zero. Here a row pays only at the steps that meet it, and once in each, however often
    it occurs there.

    >>> from rowspace.nn.row_gradient import of_sums
    >>> segments = of_sums(torch.tensor([1]), torch.zeros(1, 2))
    >>> RowL2(0.1).before_step(torch.ones(3, 2), segments, lr=1.0).outputs
    tensor([[0.1000, 0.1000]])
    """

    def __init__(self, strength: float) -> None:
        """Take the factor; RecipeError if it is negative."""
        self.strength = not_negative(strength, "strength of RowL2")

    @torch.no_grad()
    def before_step(self, weight: Float[Tensor, "rows dim"], segments: Segments, lr: float) -> Segments:
        """Add the penalty's gradient to the sums."""
        summed = segments.summed()
        summed.outputs.add_(weight.index_select(0, summed.rows), alpha=self.strength)
        return summed

    def after_step(self, weight: Float[Tensor, "rows dim"], rows: Int64[Tensor, "distinct"]) -> None:
        """Leave the stepped rows as they are."""
