"""The sum over all tag sequences, and its gradient, without a graph of every step."""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from rowspace.tasks.tagging.steps import Steps

# A tag so far below the best one of its token counts as this far below: its exponential stays above zero,
# and with it every sum. No sequence through it could matter.
FARTHEST = -600.0


def log_partition(
    emissions: Float[Tensor, "tokens tags"],
    starts: Float[Tensor, "tags"],
    follows: Float[Tensor, "tags tags"],
    ends: Float[Tensor, "tags"],
    steps: Steps,
) -> Float[Tensor, "sentences"]:
    """The logarithm of the sum over tag sequences of the exponential of their scores, in float64."""
    total: Tensor = _Forward.apply(emissions, starts, follows, ends, steps)  # type: ignore[no-untyped-call]
    return total


class _Forward(torch.autograd.Function):
    """The forward algorithm; its gradient, the probability of each tag, goes back through the same sums."""

    @staticmethod
    def forward(
        ctx: Any, emissions: Tensor, starts: Tensor, follows: Tensor, ends: Tensor, steps: Steps
    ) -> Tensor:
        first, *later = slices = steps.slices
        moves = follows.exp()
        shares = torch.empty_like(emissions)  # of each tag before, as a part of the best
        reached = torch.empty_like(emissions)  # sums of shares times moves
        scores = starts + emissions[first]
        last = scores.clone()
        for step in later:
            before = scores[: step.stop - step.start]
            best = before.amax(1, keepdim=True)
            torch.sub(before, best, out=shares[step]).clamp_(min=FARTHEST).exp_()
            torch.mm(shares[step], moves, out=reached[step])
            scores = reached[step].log().add_(best).add_(emissions[step])
            last[: len(scores)] = scores
        total = torch.logsumexp(last + ends, 1)
        ctx.slices = slices
        ctx.save_for_backward(moves, shares, reached, (last + ends - total.unsqueeze(1)).exp())
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        moves, shares, reached, at_end = ctx.saved_tensors
        first, *later = ctx.slices
        flow = at_end * gradient.unsqueeze(1)
        of_ends = flow.sum(0)
        of_emissions, ratios = torch.empty_like(shares), torch.empty_like(shares)
        for step in reversed(later):
            count = step.stop - step.start
            of_emissions[step] = flow[:count]
            torch.div(flow[:count], reached[step], out=ratios[step])
            torch.mm(ratios[step], moves.T, out=flow[:count])
            flow[:count] *= shares[step]
        of_emissions[first] = flow
        of_follows = moves * (shares[first.stop :].T @ ratios[first.stop :])
        return of_emissions, flow.sum(0), of_follows, of_ends, None
