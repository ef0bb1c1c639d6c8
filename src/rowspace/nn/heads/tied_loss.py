"""The cross entropy of a tied output layer, without a matrix of all logits."""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float, Int64, Integer
from torch import Tensor
from torch.autograd.function import once_differentiable

from rowspace.errors import RecipeError
from rowspace.nn.heads.targets import Targets
from rowspace.nn.row_parameter import RowParameter

# 32 MB of float32: larger blocks leave the caches, smaller ones add rows up too often.
LOGITS_IN_BLOCK = 1 << 23
CERTAIN = 1e-30  # a smaller probability of float32 has lost its digits, so its logarithm is found anew
IGNORED = -100


def tied_cross_entropy(
    hidden: Float[Tensor, "*batch dim"],
    rows: Float[Tensor, "rows dim"],
    bias: Float[Tensor, "rows"] | None,
    targets: Integer[Tensor, "*batch"],
    label_smoothing: float = 0.0,
) -> Float[Tensor, ""]:
    """The mean of ``F.cross_entropy(hidden @ rows.T + bias, targets)``, and its gradient, in one pass.

    Logits are made some positions at a time; while a block is warm its softmax takes its place and the
    gradients of `hidden`, `rows` and `bias` are added up. So memory is that of a block, 32 MB, and of a
    gradient of the size of `rows`, however many positions there are; the products are those of the plain
    computation. Half precision is computed in float32. Targets of -100 are left out; without any other the
    loss is 0. A second derivative is not available.

    Raises ShapeError for shapes that do not belong together, RowIdError for a target that is no row, and
    RecipeError for a label_smoothing outside [0, 1].

    >>> rows = torch.eye(3, requires_grad=True)
    >>> loss = tied_cross_entropy(torch.tensor([[9.0, 0.0, 0.0]]), rows, None, torch.tensor([0]))
    >>> round(float(loss.detach()), 5)
    0.00025
    """
    if not 0 <= label_smoothing <= 1:
        raise RecipeError(f"label_smoothing must lie in [0, 1], but is {label_smoothing}; choose 0 or 0.1")
    if isinstance(rows, RowParameter):
        rows.settle()
    num_rows, dim = rows.shape
    batch = Targets("tied_cross_entropy", dim, num_rows, IGNORED, "mean").batch(hidden, targets)
    wide = torch.promote_types(batch.hidden.dtype, torch.float32)
    parts = [None if each is None else each.to(wide) for each in (batch.hidden, rows, bias)]
    apply: Any = _TiedCrossEntropy.apply
    loss: Tensor = apply(*parts, batch.targets, label_smoothing)
    return loss


class _TiedCrossEntropy(torch.autograd.Function):
    """Everything is found forward; backward only scales it."""

    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, rows: Tensor, bias: Tensor | None, targets: Tensor, smoothing: float
    ) -> Tensor:
        needed = any(ctx.needs_input_grad)
        sums = _Sums(hidden, rows, bias, targets, smoothing)
        size = max(1, LOGITS_IN_BLOCK // len(rows))
        block = hidden.new_empty(min(size, len(hidden)), len(rows))
        for first in range(0, len(hidden), size):
            sums.add_block_(slice(first, first + size), block, needed)
        if needed:
            ctx.save_for_backward(*sums.gradients())
        return sums.loss()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, outer: Tensor) -> tuple[Tensor | None, ...]:
        found = ctx.saved_tensors
        if not (outer.device.type == "cpu" and float(outer) == 1):
            found = [each * outer for each in found]
        kept = [each if wanted else None for each, wanted in zip(found, ctx.needs_input_grad, strict=False)]
        return (*kept, *[None] * (5 - len(kept)))


class _Sums:
    """The loss and the gradients of the blocks so far."""

    def __init__(
        self,
        hidden: Float[Tensor, "n dim"],
        rows: Float[Tensor, "rows dim"],
        bias: Float[Tensor, "rows"] | None,
        targets: Int64[Tensor, "n"],
        smoothing: float,
    ) -> None:
        self.hidden, self.rows, self.bias, self.targets = hidden, rows, bias, targets
        self.smoothing, self.total = smoothing, hidden.new_zeros(())
        self.share = 1 / max(1, len(hidden))
        self.of_hidden = torch.zeros_like(hidden)
        self.of_rows = torch.zeros_like(rows, memory_format=torch.contiguous_format)
        self.of_bias = rows.new_zeros(len(rows))

    def add_block_(self, part: slice, block: Float[Tensor, "positions rows"], needed: bool) -> None:
        """The positions `part`; `block` is written over."""
        hidden, targets = self.hidden[part], self.targets[part, None]
        logits = self._logits(hidden, block[: len(hidden)])
        own = logits.gather(1, targets)
        torch.softmax(logits, 1, out=logits)
        chances = logits.gather(1, targets)
        totals = own - chances.log()  # the logarithm of the sum over all rows
        doubtful = (chances < CERTAIN).squeeze(1)
        if bool(doubtful.any()):
            again = hidden[doubtful]
            totals[doubtful] = self._logits(again, again.new_empty(len(again), len(self.rows))).logsumexp(
                1, keepdim=True
            )
        self.total += (totals - (1 - self.smoothing) * own).sum()
        if needed:
            logits.scatter_add_(1, targets, torch.full_like(own, self.smoothing - 1))
            torch.mm(logits, self.rows, out=self.of_hidden[part])
            self.of_rows.addmm_(logits.t(), hidden, alpha=self.share)
            if self.bias is not None:
                self.of_bias += logits.sum(0)

    def loss(self) -> Float[Tensor, ""]:
        """The mean so far. Smoothing takes the mean logit from each position, which is linear in `hidden`."""
        even = self.hidden.sum(0) @ self.rows.sum(0)
        if self.bias is not None:
            even = even + len(self.hidden) * self.bias.sum()
        return (self.total - self.smoothing / len(self.rows) * even) * self.share

    def gradients(self) -> tuple[Tensor, ...]:
        """Those of `hidden`, `rows` and, if there is one, `bias`."""
        even = self.smoothing / len(self.rows)
        of_hidden = self.of_hidden.mul_(self.share)
        if even:
            of_hidden -= even * self.share * self.rows.sum(0)
            self.of_rows -= even * self.share * self.hidden.sum(0)
        if self.bias is None:
            return of_hidden, self.of_rows
        return (
            of_hidden,
            self.of_rows,
            self.of_bias.mul_(self.share).sub_(even * self.share * len(self.hidden)),
        )

    def _logits(self, hidden: Tensor, out: Tensor) -> Tensor:
        if self.bias is None:
            return torch.mm(hidden, self.rows.t(), out=out)
        return torch.addmm(self.bias, hidden, self.rows.t(), out=out)
