"""Gradient clipping row by row, by how often a row occurs and how long it is."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from rowspace.nn.regularizers.ranges import not_negative
from rowspace.nn.row_gradient import Segments


class CowClip:
    """Clip the gradient of each row to ``count * max(ratio * |row|, minimum)``, in the 2-norm.

    Zheng et al., "CowClip: Reducing CTR prediction model training time from 12 hours to 10 minutes on 1
    GPU", AAAI 2023: one threshold for a whole table is far too high for rare rows and too low for frequent
    ones, which is what spoils training with large batches. `count` is how many lookups since the last
    step met the row; the gradient is that of a mean over the batch. `minimum` lets rows that start at zero
    move. The paper adds its L2 penalty after clipping: list `RowL2` behind this one.

    A dense gradient, or one that processes have averaged, does not tell how often rows were looked up: it
    counts as one lookup of each of its rows.

    >>> from rowspace.nn.row_gradient import of_sums
    >>> gradient = of_sums(torch.tensor([0, 2]), torch.tensor([[6.0, 8.0], [6.0, 8.0]]), torch.tensor([1, 5]))
    >>> CowClip(ratio=1.0).before_step(torch.ones(3, 2), gradient, lr=1.0).outputs.norm(dim=1)
    tensor([1.4142, 7.0711])
    """

    def __init__(self, ratio: float = 1.0, minimum: float = 1e-5) -> None:
        """Take the paper's r and zeta; RecipeError if one is negative."""
        self.ratio = not_negative(ratio, "ratio of CowClip")
        self.minimum = not_negative(minimum, "minimum of CowClip")

    @torch.no_grad()
    def before_step(self, weight: Float[Tensor, "rows dim"], segments: Segments, lr: float) -> Segments:
        """Scale the sums of rows that are above their threshold down to it."""
        summed = segments.summed()
        lengths = torch.linalg.vector_norm(weight.index_select(0, summed.rows), dim=1)
        limits = summed.counts * (self.ratio * lengths).clamp(min=self.minimum)
        norms = torch.linalg.vector_norm(summed.outputs, dim=1)
        factors = torch.where(norms > limits, limits / norms, torch.ones_like(norms))
        summed.outputs.mul_(factors.unsqueeze(1))
        return summed

    def after_step(self, weight: Float[Tensor, "rows dim"], rows: Int64[Tensor, "distinct"]) -> None:
        """Leave the stepped rows as they are."""
