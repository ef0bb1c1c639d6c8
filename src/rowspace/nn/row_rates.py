"""Per-row control: rows that stay frozen, learn slower, or thaw as training goes on."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, Literal, Protocol, runtime_checkable
from weakref import WeakSet

import numpy as np
import torch
from jaxtyping import Float32, Int64
from torch import Tensor
from torch.utils.weak import WeakTensorKeyDictionary

from rowspace.errors import RecipeError, RowIdError
from rowspace.nn.row_parameter import RowParameter
from rowspace.vocabulary import Vocabulary

# Row ids, or keys where the layer has a vocabulary, or all rows.
Choice = Tensor | Sequence[int] | Sequence[str] | np.ndarray | Literal["all"]


@runtime_checkable
class RowLayer(Protocol):
    """A layer of rowspace.nn with one row an id: Embedding, EmbeddingBag."""

    weight: torch.nn.Parameter

    @property
    def vocabulary(self) -> Vocabulary | None:
        """What turns keys into rows, or None."""
        ...


def freeze_rows(layer: RowLayer, rows: Choice) -> None:
    """Keep rows as they are, together with their optimizer state: set_row_rate(layer, rows, 0).

    >>> from rowspace.nn.embedding import Embedding
    >>> layer = Embedding(3, 2)
    >>> freeze_rows(layer, [0, 2])
    >>> layer.weight.rates
    tensor([0., 1., 0.])
    """
    set_row_rate(layer, rows, 0.0)


def unfreeze_rows(layer: RowLayer, rows: Choice) -> None:
    """Let rows learn at the optimizer's learning rate again: set_row_rate(layer, rows, 1)."""
    set_row_rate(layer, rows, 1.0)


def set_row_rate(layer: RowLayer, rows: Choice, rate: float) -> None:
    """Multiply the learning rate of some rows by `rate`, from the next step on; 0 freezes them.

    `rows` are row ids, or keys where the layer has a vocabulary (a key made of several rows, as with
    subwords, sets all of them, also for the other keys that share them), or "all". Rates replace earlier
    ones; they cost 4 bytes a row and are no part of the layer's state_dict.

    An optimizer of rowspace.nn.optim follows them. Any other needs `hold_rows`, and a backward pass
    without raises RecipeError: no hook on gradients alone could stop momentum and weight decay.
    Raises RecipeError for a rate that is negative or not finite, RowIdError or UnknownKeyError for rows
    that do not exist.
    """
    if not 0.0 <= rate < float("inf"):
        raise RecipeError(f"the rate of rows must be a finite number of at least 0, but is {rate}; 0 freezes")
    _set_rates(_weight_of(layer), _row_ids(layer, rows), rate)


def hold_rows(layer: RowLayer, optimizer: torch.optim.Optimizer) -> None:
    """Make an optimizer that is not of rowspace.nn.optim follow the rates of the layer's rows.

    Each of its steps is measured on the rows whose rate is not 1, and undone but for that share, which
    covers weight decay and momentum. Costs a copy of these rows a step. The state of a frozen row, such as
    its momentum, goes on. RecipeError where the optimizer does not step the layer's weight.

    >>> from rowspace.nn.embedding import Embedding
    >>> layer = Embedding(3, 2)
    >>> optimizer = torch.optim.AdamW(layer.parameters(), weight_decay=0.1)
    >>> freeze_rows(layer, [0])
    >>> hold_rows(layer, optimizer)
    >>> before = layer.weight.detach().clone()
    >>> layer(torch.tensor([0, 1])).sum().backward()
    >>> optimizer.step()
    >>> (layer.weight == before).all(1)
    tensor([ True, False, False])
    """
    weight = _weight_of(layer)
    if not any(each is weight for group in optimizer.param_groups for each in group["params"]):
        raise RecipeError(
            "hold_rows needs an optimizer that steps the layer's weight, but this one does not; "
            "call it with the optimizer that was made from the layer's parameters"
        )
    _own_rates(weight)
    holders = _HOLDERS.setdefault(weight, WeakSet())
    steps_rows: object = weight.collector
    if steps_rows is not optimizer and optimizer not in holders:
        _Hold(weight, optimizer)
        holders.add(optimizer)


class Thaw:
    """Gradual unfreezing: groups of rows that start frozen and are let go one after the other.

    Howard & Ruder ("Universal language model fine-tuning for text classification", ACL 2018) unfreeze a
    network part by part so that what it knows is not lost at once. Here the parts are rows, for instance
    new keys at once and pretrained ones later. Every row of `schedule` is frozen when the object is made;
    those of epoch n get the rate back that they had before at the n-th call of `step`, those of epoch 0
    at once. Make it before the first training step, and call `step` at the end of each epoch.

    >>> from rowspace.nn.embedding import Embedding
    >>> layer = Embedding(4, 2)
    >>> thaw = Thaw(layer, {1: [0, 1], 2: "all"})
    >>> layer.weight.rates
    tensor([0., 0., 0., 0.])
    >>> thaw.step()
    >>> layer.weight.rates
    tensor([1., 1., 0., 0.])
    """

    def __init__(self, layer: RowLayer, schedule: Mapping[int, Choice]) -> None:
        """Freeze the rows of all groups; RecipeError for a negative epoch."""
        if any(epoch < 0 for epoch in schedule):
            raise RecipeError(f"rows thaw at epochs from 0 on, but the schedule has {min(schedule)}")
        self.epoch = 0
        self._weight = _weight_of(layer)
        self._groups = {epoch: _row_ids(layer, rows) for epoch, rows in sorted(schedule.items())}
        self._before = _own_rates(self._weight).clone()
        self._restore()

    def step(self) -> None:
        """Begin the next epoch and thaw its rows."""
        self.epoch += 1
        self._thaw(self.epoch)

    def state_dict(self) -> dict[str, int]:
        """The epoch: enough to go on from a checkpoint with a Thaw of the same layer and schedule."""
        return {"epoch": self.epoch}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on from the epoch of a `state_dict`."""
        self.epoch = state["epoch"]
        self._restore()

    def _restore(self) -> None:
        """Set the rates of all groups to what they are at this epoch."""
        for chosen in self._groups.values():
            _set_rates(self._weight, chosen, 0.0)
        for epoch in self._groups:
            if epoch <= self.epoch:
                self._thaw(epoch)

    def _thaw(self, epoch: int) -> None:
        if epoch in self._groups:
            chosen = self._groups[epoch]
            _set_rates(self._weight, chosen, self._before.to(chosen.device)[chosen])


# Which optimizers follow the rates of a weight because of `hold_rows`.
_HOLDERS: MutableMapping[Tensor, WeakSet[torch.optim.Optimizer]] = WeakTensorKeyDictionary()


class _Hold:
    """The hooks around a step of one optimizer."""

    def __init__(self, weight: RowParameter, optimizer: torch.optim.Optimizer) -> None:
        self.weight = weight
        self.rows = self.before = torch.empty(0)
        optimizer.register_step_pre_hook(self.remember)
        optimizer.register_step_post_hook(self.undo)

    def remember(self, *_: Any) -> None:
        """Copy the rows whose rate is not 1."""
        rates = _own_rates(self.weight)
        self.rows = torch.nonzero(rates != 1).squeeze(1)
        self.before = self.weight.detach().index_select(0, self.rows)

    @torch.no_grad()
    def undo(self, *_: Any) -> None:
        """Leave of their movement the share that their rate allows."""
        shares = _own_rates(self.weight)[self.rows].to(self.weight.dtype).unsqueeze(1)
        moved = self.before + shares * (self.weight.index_select(0, self.rows) - self.before)
        self.weight.index_copy_(0, self.rows, torch.where(shares == 0, self.before, moved))


def _own_rates(weight: RowParameter) -> Float32[Tensor, "rows"]:
    """The weight's rates, on its device; made, all of them 1, where it has none."""
    rates = weight.rates
    if rates is None:
        rates = torch.ones(len(weight), device=weight.device)
    weight.rates = rates.to(weight.device)
    if weight.requires_grad and weight not in _HOLDERS:
        _HOLDERS[weight] = WeakSet()
        weight.register_post_accumulate_grad_hook(_refuse_unheld)  # type: ignore[no-untyped-call]
    return weight.rates


def _set_rates(
    weight: RowParameter, chosen: Int64[Tensor, "chosen"], rates: float | Float32[Tensor, "chosen"]
) -> None:
    weight.settle()  # the steps that a lazy optimizer still owes were made at the old rates
    _own_rates(weight)[chosen] = rates


def _refuse_unheld(weight: Tensor) -> None:
    """A gradient has reached autograd's `grad`: somebody other than rowspace.nn.optim may step it."""
    if not isinstance(weight, RowParameter) or weight.collector is not None or weight.rates is None:
        return
    if not _HOLDERS[weight] and bool((weight.rates != 1).any()):
        raise RecipeError(
            "rows that are frozen or have a rate of their own need an optimizer that follows rates, but none "
            "has this weight; take one of rowspace.nn.optim for float32, or call hold_rows(layer, optimizer)"
        )


def _weight_of(layer: RowLayer) -> RowParameter:
    weight = layer.weight
    if not isinstance(weight, RowParameter):
        raise RecipeError(
            f"rates of rows need a layer of rowspace.nn, whose weight is a RowParameter, but this layer's is "
            f"a {type(weight).__name__}; use rowspace.nn.Embedding or EmbeddingBag"
        )
    return weight


def _row_ids(layer: RowLayer, rows: Choice) -> Int64[Tensor, "chosen"]:
    """Row ids on the weight's device, checked."""
    num_rows, device = layer.weight.shape[0], layer.weight.device
    if isinstance(rows, str):
        if rows != "all":
            raise RecipeError(
                f'rows must be a list of keys or ids, or "all", but are {rows!r}; write [{rows!r}]'
            )
        return torch.arange(num_rows, device=device)
    if not isinstance(rows, Tensor):
        keys = len(rows) > 0 and isinstance(rows[0], str)
        rows = torch.from_numpy(_rows_of_keys(layer, rows) if keys else np.array(rows, ndmin=1))
    if len(rows) == 0:
        return torch.empty(0, dtype=torch.int64, device=device)
    if rows.dtype == torch.bool or rows.is_floating_point() or rows.is_complex():
        raise RowIdError(f"row ids must be whole numbers, but are {rows.dtype}; pass ids or keys")
    ids = rows.reshape(-1).to(device, torch.int64)
    wrong = ids[(ids < 0) | (ids >= num_rows)]
    if len(wrong):
        raise RowIdError(f"row ids must lie in [0, {num_rows}), but {int(wrong[0])} was asked for")
    return ids


def _rows_of_keys(layer: RowLayer, keys: Any) -> Int64[np.ndarray, "chosen"]:
    if layer.vocabulary is None:
        raise RecipeError(
            "this layer has no vocabulary, so rows are chosen by row id, but keys came; "
            "make the layer with from_table or from_vocabulary to choose by key"
        )
    return layer.vocabulary.rows_of(keys, "raise").ids
