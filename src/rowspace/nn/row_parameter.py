"""The weight of an embedding layer: a parameter whose gradient may stay rows."""

from __future__ import annotations

import copy
import weakref
from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from rowspace.nn.regularizers import Regularizer
from rowspace.nn.row_gradient import RowGradient, Segments, group, joined


@runtime_checkable
class Collector(Protocol):
    """What steps rows: it takes row gradients, and brings rows up to date before they are read."""

    def settle(self, weight: RowParameter, ids: Tensor | None, *, distinct: bool) -> None:
        """Bring the rows `ids`, or all, to where a dense optimizer would have them by now."""
        ...

    def is_behind(self, weight: RowParameter) -> bool:
        """Whether rows may lag behind the dense optimizer's."""
        ...


class RowParameter(torch.nn.Parameter):
    """A matrix (num_rows, dim) whose gradient is kept as rows once an optimizer of rowspace.nn.optim has it.

    Until then it is an ordinary parameter. With a collector, backward passes leave row gradients here;
    a step takes them, all at once and not yet added up. Whoever reads `grad` before gets them added up
    as (distinct rows, dim), the tensor that the step will use: so clipping and loss scaling, which
    change gradients in place, work as with any parameter. Setting `grad` to None forgets all.

    >>> weight = RowParameter(torch.zeros(9, 2))
    >>> weight.collect(RowGradient(torch.tensor([4, 4]), torch.ones(2, 2)))
    >>> weight.grad
    tensor([[2., 2.]])
    """

    _collector: weakref.ref[Any] | None = None
    _pending: tuple[RowGradient, ...] = ()
    _summed: Segments | None = None
    rates: Float32[Tensor, "rows"] | None = None  # multipliers of the learning rate; None: all are one
    regularizers: tuple[Regularizer, ...] = ()

    def __new__(cls, data: Tensor, requires_grad: bool = True) -> RowParameter:
        """Wrap `data` without a copy."""
        return super().__new__(cls, data.detach(), requires_grad)

    @property
    def collector(self) -> Collector | None:
        """The optimizer that steps these rows, as long as somebody else keeps it alive."""
        return None if self._collector is None else self._collector()

    @collector.setter
    def collector(self, collector: Collector | None) -> None:
        self._collector = None if collector is None else weakref.ref(collector)

    @property
    def collects(self) -> bool:
        """Whether a backward pass should leave row gradients here instead of a gradient for autograd.

        Not with several processes: their gradients meet in `grad`, which DistributedDataParallel averages.
        """
        return self.requires_grad and self.collector is not None and not _in_process_group()

    def collect(self, gradient: RowGradient) -> None:
        """Add the gradient of one lookup to those that the next step takes."""
        self._pending = (*self._pending, gradient)

    def settle(self, ids: Int64[Tensor, "n"] | None = None, *, distinct: bool = False) -> None:
        """Bring the rows `ids`, or all, up to date; call it before reading rows behind the layer's back.

        With `distinct`, which promises that no id comes twice, threads share the work better.
        """
        collector = self.collector
        if collector is not None:
            collector.settle(self, ids, distinct=distinct)

    @property
    def is_behind(self) -> bool:
        """Whether rows may have to be settled before they are read."""
        collector = self.collector
        return collector is not None and collector.is_behind(self)

    def take_gradient(self) -> Segments | Tensor | None:
        """Hand over the gradient and forget it: rows if all of it came as rows, else a dense matrix."""
        direct = self._direct
        if direct is not None and direct.is_sparse:
            self._pending = (*self._pending, _of_sparse(direct))
            direct = None
        gradient = self._taken() if direct is None else self._added_to(direct)
        self.grad = None
        return gradient

    @property
    def grad(self) -> Tensor | None:
        """The gradient: torch's own where autograd left one, else summed rows (distinct, dim), or None."""
        direct = self._direct
        if not self._pending and self._summed is None:
            return direct
        if direct is not None and not direct.is_sparse:
            self._added_to(direct)
            return direct
        segments = self._taken()
        assert segments is not None
        self._summed, self._pending = segments.summed(), ()
        return self._summed.outputs

    @grad.setter
    def grad(self, gradient: Tensor | None) -> None:
        self._pending, self._summed = (), None
        self._direct = gradient

    @property
    def _direct(self) -> Tensor | None:
        """What autograd itself left on this tensor."""
        return super().grad

    @_direct.setter
    def _direct(self, gradient: Tensor | None) -> None:
        descriptor: Any = torch.Tensor.grad
        descriptor.__set__(self, gradient)

    def _taken(self) -> Segments | None:
        if self._summed is None:
            return group(self._pending, len(self)) if self._pending else None
        if not self._pending:
            return self._summed
        return joined(self._summed, self._pending, len(self))

    def _added_to(self, dense: Tensor) -> Tensor:
        """Add the pending rows into a dense gradient in place."""
        segments = self._taken()
        if segments is not None:
            dense.index_add_(0, segments.rows, segments.summed().outputs)
        self._pending, self._summed = (), None
        return dense

    def __deepcopy__(self, memo: dict[int, Any]) -> RowParameter:
        """A copy with its own rows, rates and regularizers; the original's optimizer does not know it."""
        if id(self) not in memo:
            self.settle()
            twin = RowParameter(self.detach().clone(), self.requires_grad)
            twin.rates, twin.regularizers = copy.deepcopy((self.rates, self.regularizers), memo)
            memo[id(self)] = twin
        copied: RowParameter = memo[id(self)]
        return copied

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        """Pickle as rows, rates and regularizers."""
        self.settle()
        return _restored, (self.detach(), self.requires_grad, self.rates, self.regularizers)


def _restored(
    data: Tensor, requires_grad: bool, rates: Tensor | None, regularizers: tuple[Regularizer, ...]
) -> RowParameter:
    weight = RowParameter(data, requires_grad)
    weight.rates, weight.regularizers = rates, regularizers
    return weight


def _in_process_group() -> bool:
    distributed = torch.distributed
    return distributed.is_available() and distributed.is_initialized() and distributed.get_world_size() > 1


def _of_sparse(gradient: Tensor) -> RowGradient:
    """Row gradients from a sparse COO matrix, coalesced or not."""
    return RowGradient(gradient._indices()[0], gradient._values())
