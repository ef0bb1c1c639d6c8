"""Rows behind the present: which step each stands at, and how they are brought up to date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

import torch
from jaxtyping import Int64
from torch import Tensor

from rowspace.nn.optim.adam_history import AdamHistory
from rowspace.nn.optim.fused_steps import settle_rows_
from rowspace.nn.optim.momentum_history import MomentumHistory
from rowspace.nn.row_parameter import RowParameter

ROWS_AT_ONCE = 1 << 20  # whose ids are written out when all rows are settled


Recorded = TypeVar("Recorded", MomentumHistory, AdamHistory)  # what was done in each step


class SkippedSteps(Generic[Recorded]):
    """The rows of one weight that an optimizer has not touched for a while.

    A dense optimizer would have moved them in every step, by momentum or decay. Here they are moved when
    somebody is about to read them, over all the steps since, at the price of one step.
    """

    def __init__(self, kernel: str, weight: RowParameter, kept: Sequence[Tensor], history: Recorded) -> None:
        """Start with all rows up to date; `kept` is what the kernel takes after the weight."""
        self.history: Recorded = history
        self._kernel, self._weight, self._kept = kernel, weight, kept
        self._last = torch.full((len(weight),), self.history.present, dtype=torch.int64, device=weight.device)
        self._all_settled_at = self.history.present

    @property
    def any_behind(self) -> bool:
        """Whether there may be rows that do not stand at the present."""
        return self._all_settled_at != self.history.present

    def settle(self, ids: Int64[Tensor, "n"] | None = None, *, distinct: bool = False) -> None:
        """Bring the rows `ids`, or all, to the present; a row that is there costs a look."""
        if not self.any_behind:
            return
        if ids is not None:
            self._settle_some(ids, distinct)
            return
        for start in range(0, len(self._weight), ROWS_AT_ONCE):
            stop = min(start + ROWS_AT_ONCE, len(self._weight))
            self._settle_some(torch.arange(start, stop, device=self._weight.device), distinct=True)
        self._all_settled_at = self.history.present

    def settle_before_step(self, rows: Int64[Tensor, "distinct"]) -> None:
        """Settle rows that the caller steps now, before he records the step: they need not skip it."""
        self._settle_some(rows, distinct=True, before_step=True)

    def _settle_some(self, ids: Int64[Tensor, "n"], distinct: bool, before_step: bool = False) -> None:
        arrays = self._weight, self._kept, self._last, ids, self.history.steps
        settle_rows_(self._kernel, *arrays, distinct=distinct, before_step=before_step)
