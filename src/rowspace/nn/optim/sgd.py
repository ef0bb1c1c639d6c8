"""Stochastic gradient descent on rows, with momentum whose skipped steps are caught up."""

from __future__ import annotations

from torch import Tensor
from torch.optim.sgd import sgd

from rowspace.errors import RecipeError
from rowspace.nn.optim.fused_steps import step_rows_
from rowspace.nn.optim.momentum_history import MomentumHistory
from rowspace.nn.optim.ranges import at_least_zero, refuse
from rowspace.nn.optim.row_optimizer import Group, Params, RowOptimizer, zeros_like
from rowspace.nn.optim.skipped_steps import SkippedSteps
from rowspace.nn.row_gradient import Segments
from rowspace.nn.row_parameter import RowParameter


class SGD(RowOptimizer):
    """torch.optim.SGD for models with row parameters; a step costs the rows that a batch met.

    Without weight decay every row is, whenever it is read, where torch's dense SGD would have it. Weight
    decay (L2) moves the rows of the batch alone.

    >>> import torch
    >>> from rowspace.nn.embedding import Embedding
    >>> layer = Embedding(3, 1, _weight=torch.ones(3, 1))
    >>> optimizer = SGD(layer.parameters(), lr=0.25)
    >>> layer(torch.tensor([2, 2])).sum().backward()
    >>> optimizer.step()
    >>> layer.weight.flatten().tolist()
    [1.0, 1.0, 0.5]
    """

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1e-3,
        momentum: float = 0.0,
        *,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        """Take parameters or groups of them; RecipeError for settings out of range."""
        defaults = {"lr": lr, "momentum": momentum, "nesterov": nesterov, "weight_decay": weight_decay}
        super().__init__(params, defaults)

    def _check(self, group: Group, has_rows: bool) -> None:
        at_least_zero(group, "lr", "momentum", "weight_decay")
        refuse(group, "dampening", "maximize")
        if group["nesterov"] and not group["momentum"]:
            raise RecipeError("nesterov needs a momentum above 0, but it is 0; set it or leave nesterov out")

    def _step_rows(self, weight: RowParameter, segments: Segments, group: Group) -> None:
        lr, weight_decay = float(group["lr"]), float(group["weight_decay"])
        momentum, nesterov = float(group["momentum"]), bool(group["nesterov"])
        if not momentum:
            self._drop_skipped_steps(weight)
            step_rows_("sgd_", weight, [], segments, lr, weight_decay)
            return
        velocities = self._velocities(weight)
        skipped = self._skipped.get(weight)
        if skipped is None or not skipped.history.fits(nesterov=nesterov):
            self._drop_skipped_steps(weight)
            history = MomentumHistory(nesterov=nesterov)
            skipped = self._skipped[weight] = SkippedSteps("settle_momentum_", weight, [velocities], history)
        skipped.settle_before_step(segments.rows)
        step_rows_("momentum_", weight, [velocities], segments, lr, weight_decay, momentum, nesterov)
        skipped.history.record(learning_rate=lr, momentum=momentum)

    def _velocities(self, weight: RowParameter) -> Tensor:
        state = self.state[weight]
        if state.get("momentum_buffer") is None:
            state["momentum_buffer"] = zeros_like(weight)
        velocities: Tensor = state["momentum_buffer"]
        return velocities

    def _step_ordinary(self, params: list[Tensor], gradients: list[Tensor], group: Group) -> None:
        momentum = float(group["momentum"])
        velocities = [self.state[each].get("momentum_buffer") if momentum else None for each in params]
        sgd(
            params,
            gradients,
            velocities,
            weight_decay=group["weight_decay"],
            momentum=momentum,
            lr=float(group["lr"]),
            dampening=0.0,
            nesterov=group["nesterov"],
            maximize=False,
        )
        if momentum:
            for param, velocity in zip(params, velocities, strict=True):
                self.state[param]["momentum_buffer"] = velocity
