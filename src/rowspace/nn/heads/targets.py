"""What the loss heads share: targets of any shape in, the loss and each target's log-probability out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import torch
from jaxtyping import Float, Int64, Integer
from torch import Tensor

from rowspace.errors import RecipeError, ShapeError
from rowspace.nn.row_ids import RowIdCheck

Reduction = Literal["mean", "sum", "none"]


class HeadOutput(NamedTuple):
    """What a loss head gives, with the names of torch.nn.AdaptiveLogSoftmaxWithLoss."""

    output: Float[Tensor, "*batch"]  # the log-probability of each target; 0 where it is ignored
    loss: Float[Tensor, "..."]  # minus these: their mean or sum, or each by itself


@dataclass(frozen=True)
class Batch:
    """The positions that count: those whose target is not ignored."""

    hidden: Float[Tensor, "kept dim"]
    targets: Int64[Tensor, "kept"]
    places: Int64[Tensor, "kept"]  # where they stand in the flattened batch
    shape: torch.Size
    reduction: Reduction

    def result(self, output: Float[Tensor, "kept"]) -> HeadOutput:
        """Put the log-probabilities back into the shape of the targets, and reduce them."""
        everywhere = output.new_zeros(self.shape.numel()).index_copy(0, self.places, output)
        everywhere = everywhere.reshape(self.shape)
        if self.reduction == "none":
            return HeadOutput(everywhere, -everywhere)
        count = max(1, len(output)) if self.reduction == "mean" else 1
        return HeadOutput(everywhere, (-output).sum() / count)


class Targets:
    """The rules of one head for its targets: which are ignored, which are errors, and the reduction.

    As in torch.nn.functional.cross_entropy, except that the mean over no target is 0 and not NaN: a
    batch of nothing but padding must not end a training run.
    """

    def __init__(self, head: str, dim: int, num_rows: int, ignore_index: int, reduction: Reduction) -> None:
        if reduction not in get_args(Reduction):
            raise RecipeError(
                f"reduction must be one of {', '.join(get_args(Reduction))}, but is {reduction!r}; choose one"
            )
        self.head, self.dim, self.ignore_index, self.reduction = head, dim, ignore_index, reduction
        self._check = RowIdCheck("raise", num_rows)

    def batch(self, hidden: Float[Tensor, "*batch dim"], targets: Integer[Tensor, "*batch"]) -> Batch:
        """Flatten, leave ignored positions out, and check the rest.

        Raises ShapeError for shapes that do not belong together, and RowIdError for a target that is
        no row.
        """
        if hidden.shape != (*targets.shape, self.dim):
            raise ShapeError(
                f"{self.head} needs hidden of shape (*targets.shape, {self.dim}), but got hidden of shape "
                f"{tuple(hidden.shape)} for targets of shape {tuple(targets.shape)}; where only the last "
                "size differs, a torch.nn.Linear turns one into the other"
            )
        ignored = targets == self.ignore_index
        counted = targets.masked_fill(ignored, 0)
        safe, _ = self._check.check(counted, f"targets of {self.head}", hidden.device)
        flat, kept = hidden.reshape(-1, self.dim), safe.reshape(-1)
        places = torch.nonzero(~ignored.reshape(-1)).squeeze(1)
        if len(places) < len(kept):
            flat, kept = flat[places], kept[places]
        return Batch(flat, kept, places, targets.shape, self.reduction)
