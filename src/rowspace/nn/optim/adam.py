"""Adam on rows, with all that a dense Adam does to rows in the steps that skip them."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.optim.adam import adam

from rowspace.errors import RecipeError
from rowspace.nn.optim.adam_history import AdamHistory
from rowspace.nn.optim.fused_steps import step_rows_
from rowspace.nn.optim.ranges import at_least_zero, refuse
from rowspace.nn.optim.row_optimizer import Group, Params, RowOptimizer, zeros_like
from rowspace.nn.optim.skipped_steps import SkippedSteps
from rowspace.nn.row_gradient import Segments
from rowspace.nn.row_parameter import RowParameter


class Adam(RowOptimizer):
    """torch.optim.Adam for models with row parameters; a step costs the rows that a batch met.

    Every row is, whenever it is read, where torch's dense Adam would have it within float error: unlike
    torch.optim.SparseAdam, whose rows stand still and keep their momentum while no batch meets them. Rates
    of schedulers count as they were in each step. (Kingma & Ba, "Adam: a method for stochastic
    optimization", ICLR 2015.)

    Weight decay is offered for ordinary parameters alone: Adam adds it to the gradient, so its effect on a
    skipped row depends on the row in each step and cannot be caught up. AdamW decays rows.

    >>> from rowspace.nn.embedding import Embedding
    >>> layer = Embedding(3, 1, _weight=torch.ones(3, 1))
    >>> optimizer = Adam(layer.parameters(), lr=0.1)
    >>> for id in (2, 0):
    ...     optimizer.zero_grad()
    ...     layer(torch.tensor([id])).sum().backward()
    ...     optimizer.step()
    >>> layer.settle()  # row 2 goes on by momentum
    >>> [round(value, 3) for value in layer.weight.flatten().tolist()]
    [0.926, 1.0, 0.833]
    """

    _decoupled = False

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        """Take parameters or groups of them; RecipeError for settings out of range."""
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    def _check(self, group: Group, has_rows: bool) -> None:
        at_least_zero(group, "lr", "weight_decay")
        refuse(group, "amsgrad", "maximize")
        if not all(0 <= beta < 1 for beta in group["betas"]):
            raise RecipeError(f"betas must lie in [0, 1), but are {group['betas']!r}")
        if not group["eps"] > 0:
            raise RecipeError(f"eps must lie above 0, or untouched rows become NaN, but is {group['eps']!r}")
        if has_rows and not self._decoupled and group["weight_decay"]:
            raise RecipeError(
                f"weight_decay must be 0 where Adam steps rows, but is {group['weight_decay']}: what it does "
                "to skipped rows cannot be caught up; use AdamW, or give rows a group of their own"
            )

    def _step_rows(self, weight: RowParameter, segments: Segments, group: Group) -> None:
        lr, weight_decay, eps = float(group["lr"]), float(group["weight_decay"]), float(group["eps"])
        beta1, beta2 = (float(beta) for beta in group["betas"])
        if lr * weight_decay >= 1:
            product = lr * weight_decay
            raise RecipeError(f"lr * weight_decay must stay below 1, but is {product}; lower either")
        state, moments = self._moments(weight)
        skipped = self._skipped.get(weight)
        if skipped is None or not skipped.history.fits(beta1=beta1, beta2=beta2, eps=eps):
            self._drop_skipped_steps(weight)
            history = AdamHistory(origin=int(state["step"]), beta1=beta1, beta2=beta2, eps=eps)
            skipped = self._skipped[weight] = SkippedSteps("settle_adam_", weight, moments, history)
        state["step"] += 1
        numbers = lr, weight_decay, beta1, beta2, eps, int(state["step"])
        skipped.settle_before_step(segments.rows)
        step_rows_("adam_", weight, moments, segments, *numbers)
        skipped.history.record(learning_rate=lr, beta1=beta1, weight_decay=weight_decay)

    def _step_ordinary(self, params: list[Tensor], gradients: list[Tensor], group: Group) -> None:
        kept = [self._moments(each) for each in params]
        adam(
            params,
            gradients,
            [moments[0] for _, moments in kept],
            [moments[1] for _, moments in kept],
            [],
            [state["step"] for state, _ in kept],
            has_complex=any(map(torch.is_complex, params)),
            decoupled_weight_decay=self._decoupled,
            amsgrad=False,
            beta1=group["betas"][0],
            beta2=group["betas"][1],
            lr=float(group["lr"]),
            weight_decay=group["weight_decay"],
            eps=group["eps"],
            maximize=False,
        )

    def _moments(self, param: Tensor) -> tuple[Group, list[Tensor]]:
        """The parameter's state, made at its first step, and the two moments in it."""
        state = self.state[param]
        if not state:
            state["step"] = torch.tensor(0.0)
            state["exp_avg"], state["exp_avg_sq"] = zeros_like(param), zeros_like(param)
        return state, [state["exp_avg"], state["exp_avg_sq"]]
