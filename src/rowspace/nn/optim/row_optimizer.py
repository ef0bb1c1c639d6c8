"""What all optimizers of rowspace.nn.optim share: rows are stepped by rows, the rest as torch does it."""

from __future__ import annotations

import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, overload

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from rowspace.errors import RecipeError
from rowspace.nn.optim.skipped_steps import SkippedSteps
from rowspace.nn.row_gradient import Segments, of_sums
from rowspace.nn.row_parameter import RowParameter

Group = dict[str, Any]
Params = Iterable[Tensor] | Iterable[Group] | Iterable[tuple[str, Tensor]]


class RowOptimizer(torch.optim.Optimizer, ABC):
    """A torch optimizer that takes row gradients from RowParameters, and settles rows before they are read.

    From its construction on it is the collector of every float32 RowParameter among its parameters. A
    later optimizer may take one over: the rows are brought up to date, and the earlier optimizer raises
    RecipeError when it is asked to step. All other parameters, RowParameters of other dtypes among them,
    are stepped by torch's own functions; a sparse gradient of theirs is made dense.

    Rows of Adam, AdamW and SGD with momentum lag behind until somebody reads them. Layers, state_dict,
    copies and pickles see to that; call `settle()` of the layer or the weight before you read or write the
    weight itself, and before you change `rates`, which hold for all steps that a row has skipped.

    A dense gradient, as a tied output layer or several processes leave it, steps the rows where it is not
    zero throughout. A parameter without any gradient is not stepped, as in torch.
    """

    def __init__(self, params: Params, defaults: Group) -> None:
        self._remember_skipped_steps()
        super().__init__(params, defaults)

    def add_param_group(self, param_group: Group) -> None:
        """Add parameters with settings of their own, as in torch."""
        super().add_param_group(param_group)
        self._take(self.param_groups[-1])

    @overload
    def step(self, closure: None = None) -> None: ...
    @overload
    def step(self, closure: Callable[[], float]) -> float: ...
    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Step every parameter that has a gradient; a closure is called first and its loss returned."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            ordinary = []
            for param in group["params"]:
                if is_stepped_by_rows(param):
                    self._step_weight(param, group)
                elif param.grad is not None:
                    ordinary.append(param)
            if ordinary:
                gradients = [each.grad.to_dense() if each.grad.is_sparse else each.grad for each in ordinary]
                self._step_ordinary(ordinary, gradients, group)
        return loss

    @torch.no_grad()
    def settle(
        self, weight: RowParameter, ids: Int64[Tensor, "n"] | None = None, *, distinct: bool = False
    ) -> None:
        """Bring the rows `ids`, or all, to where the dense optimizer would have them by now."""
        skipped = self._skipped.get(weight)
        if skipped is not None:
            skipped.settle(None if ids is None else ids.long(), distinct=distinct)

    def is_behind(self, weight: RowParameter) -> bool:
        """Whether rows may lag behind the dense optimizer's."""
        skipped = self._skipped.get(weight)
        return skipped is not None and skipped.any_behind

    def state_dict(self) -> dict[str, Any]:
        """Settle all rows, then give torch's state_dict, with the names that torch's own optimizer uses."""
        self._settle_all()
        return super().state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take the state of an optimizer of this kind, or of torch's optimizer of the same name."""
        self._settle_all()
        super().load_state_dict(state_dict)

    def __getstate__(self) -> dict[str, Any]:
        self._settle_all()
        return super().__getstate__()

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "_skipped" not in vars(self):  # a copy
            self._remember_skipped_steps()
        for group in self.param_groups:
            self._take(group)

    @abstractmethod
    def _check(self, group: Group, has_rows: bool) -> None:
        """Raise RecipeError for settings out of range, or that rows cannot follow."""

    @abstractmethod
    def _step_rows(self, weight: RowParameter, segments: Segments, group: Group) -> None:
        """Bring the rows up to date and step them."""

    @abstractmethod
    def _step_ordinary(self, params: list[Tensor], gradients: list[Tensor], group: Group) -> None:
        """Step parameters by torch's function."""

    def _step_weight(self, weight: RowParameter, group: Group) -> None:
        if weight.collector is not self:
            raise RecipeError(
                f"a weight has one optimizer, but {tuple(weight.shape)} was taken from this "
                f"{type(self).__name__} by a later one; step with that, or make this one anew"
            )
        gradient = weight.take_gradient()
        if gradient is None:
            return
        segments = gradient if isinstance(gradient, Segments) else rows_with_gradient(gradient)
        if weight.regularizers:  # which look at the rows
            self.settle(weight, segments.rows, distinct=True)
        for each in weight.regularizers:
            segments = each.before_step(weight, segments, float(group["lr"]))
        self._step_rows(weight, segments, group)
        for each in weight.regularizers:
            each.after_step(weight, segments.rows)
        torch.autograd.graph.increment_version(weight)  # kernels write behind autograd's back

    def _take(self, group: Group) -> None:
        """Become the collector of the group's row parameters."""
        weights = [each for each in group["params"] if is_stepped_by_rows(each)]
        self._check(group, bool(weights))
        for weight in weights:
            if weight.collector is not self:
                weight.settle()  # what an earlier optimizer has left undone
                weight.collector = self
            weight.data = weight.data.contiguous()  # kernels take rows that lie end to end
            state = self.state.get(weight, {})
            state.update({name: value.contiguous() for name, value in state.items() if value is not None})

    def _drop_skipped_steps(self, weight: RowParameter) -> None:
        """Bring all rows of a weight up to date and forget its steps so far."""
        skipped = self._skipped.pop(weight, None)
        if skipped is not None:
            skipped.settle()

    def _remember_skipped_steps(self) -> None:
        self._skipped: dict[RowParameter, SkippedSteps[Any]] = {}
        # An optimizer that is thrown away leaves rows where the dense one would have them.
        weakref.finalize(self, _settle_rows_of, self._skipped).atexit = False

    def _settle_all(self) -> None:
        """Bring all rows up to date and forget the steps so far; a saved state needs no history then."""
        with torch.no_grad():
            _settle_rows_of(self._skipped)


def is_stepped_by_rows(param: Tensor) -> bool:
    """Whether an optimizer steps the rows of this parameter: kernels know float32 on the CPU and on CUDA."""
    known = param.dtype == torch.float32 and param.device.type in ("cpu", "cuda")
    return known and isinstance(param, RowParameter)


def zeros_like(param: Tensor) -> Tensor:
    """Zeros to keep beside a parameter; where they are many, in huge pages, which NumPy asks for."""
    if is_stepped_by_rows(param) and param.device.type == "cpu":
        return torch.from_numpy(np.zeros(param.shape, np.float32))
    return torch.zeros_like(param, requires_grad=False)


def rows_with_gradient(gradient: Float[Tensor, "rows dim"]) -> Segments:
    """A dense gradient as rows, without those that are zero throughout.

    >>> rows_with_gradient(torch.tensor([[0.0, 1.0], [0.0, 0.0], [2.0, 0.0]])).rows.tolist()
    [0, 2]
    """
    rows = gradient.any(dim=1).nonzero().squeeze(1)
    return of_sums(rows, gradient[rows])


def _settle_rows_of(skipped: dict[RowParameter, SkippedSteps[Any]]) -> None:
    for each in skipped.values():
        each.settle()
    skipped.clear()
