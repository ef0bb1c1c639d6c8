"""AdaGrad on rows, with a sum for each value."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.optim.adagrad import adagrad

from rowspace.nn.optim.fused_steps import step_rows_
from rowspace.nn.optim.ranges import at_least_zero, refuse
from rowspace.nn.optim.row_optimizer import Group, Params, RowOptimizer
from rowspace.nn.row_gradient import Segments
from rowspace.nn.row_parameter import RowParameter


class Adagrad(RowOptimizer):
    """torch.optim.Adagrad for models with row parameters; a step costs the rows that a batch met.

    AdaGrad leaves rows without gradient alone, so without weight decay every row is where torch's dense
    Adagrad has it. Weight decay (L2) moves the rows of the batch alone. (Duchi, Hazan & Singer, "Adaptive
    subgradient methods for online learning and stochastic optimization", JMLR 2011.)

    >>> from rowspace.nn.embedding import Embedding
    >>> layer = Embedding(3, 1, _weight=torch.ones(3, 1))
    >>> optimizer = Adagrad(layer.parameters(), lr=0.25)
    >>> layer(torch.tensor([2, 2])).sum().backward()
    >>> optimizer.step()
    >>> layer.weight.flatten().tolist()
    [1.0, 1.0, 0.75]
    """

    _kernel = "adagrad_"

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        """Take parameters or groups of them; RecipeError for settings out of range."""
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "eps": eps,
        }
        super().__init__(params, defaults)

    def _check(self, group: Group, has_rows: bool) -> None:
        at_least_zero(group, "lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps")
        refuse(group, "maximize")

    def _step_rows(self, weight: RowParameter, segments: Segments, group: Group) -> None:
        state = self.state[weight]
        if not state:
            state.update(self._fresh_state(self._like_sums(weight), group))
        lr = float(group["lr"]) / (1 + int(state["step"]) * group["lr_decay"])
        state["step"] += 1
        weight_decay, eps = float(group["weight_decay"]), float(group["eps"])
        step_rows_(self._kernel, weight, [state["sum"]], segments, lr, weight_decay, eps)

    def _step_ordinary(self, params: list[Tensor], gradients: list[Tensor], group: Group) -> None:
        states = [self.state[each] for each in params]
        for param, state in zip(params, states, strict=True):
            if not state:
                state.update(self._fresh_state(param, group))
        adagrad(
            params,
            gradients,
            [state["sum"] for state in states],
            [state["step"] for state in states],
            has_complex=any(map(torch.is_complex, params)),
            lr=float(group["lr"]),
            weight_decay=group["weight_decay"],
            lr_decay=group["lr_decay"],
            eps=group["eps"],
            maximize=False,
        )

    def _like_sums(self, weight: RowParameter) -> Tensor:
        """A tensor of the shape that the sums of these rows have."""
        return weight.detach()

    def _fresh_state(self, like: Tensor, group: Group) -> Group:
        value = group["initial_accumulator_value"]
        value = complex(value, value) if like.is_complex() else value  # as torch starts it
        return {"step": torch.tensor(0.0), "sum": torch.full_like(like, value, requires_grad=False)}
