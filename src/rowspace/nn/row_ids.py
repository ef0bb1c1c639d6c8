"""Row ids checked before they reach a kernel, alike on the CPU and on a GPU."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, get_args, runtime_checkable

import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from rowspace import kernels
from rowspace.errors import RecipeError, RowIdError, ShapeError
from rowspace.nn.tracing import has_values
from rowspace.nn.unknown import UnknownReport

OutOfRange = Literal["raise", "unknown", "zero"]

# Above this many ids torch would wake its threads, which then spin beside those of our kernels.
KERNEL_FROM_IDS = 20_000


@runtime_checkable
class HostCopy(Protocol):
    """A copy of a device tensor that is on its way to the host."""

    def arrived(self) -> bool:
        """Whether the values are there, without waiting."""
        ...

    def values(self) -> list[int]:
        """The values, once arrived."""
        ...


class RowIdCheck:
    """What one layer does with ids outside [0, num_rows).

    "raise": RowIdError. "unknown": the unknown row, or with `buckets` the row ``unknown_row + id % buckets``.
    "zero": some row, and a mask that tells where the layer is to put zeros.

    On the CPU "raise" raises at once. On a GPU that would need a synchronisation in every step; there the
    wrong ids become row 0 and the first fault is written down on the device, copied to the host behind the
    step's work, and raised by the first later call that finds the copy arrived, or by `check_now`.
    While PyTorch traces or compiles, "raise" leaves ids to torch's operators, which check by themselves.

    >>> check = RowIdCheck("unknown", num_rows=5, unknown_row=4)
    >>> check.check(torch.tensor([1, -7, 5]), "colors")
    (tensor([1, 4, 4]), None)
    """

    def __init__(
        self,
        policy: OutOfRange,
        num_rows: int,
        unknown_row: int | None = None,
        *,
        buckets: int = 1,
        start_copy: Callable[[Tensor], HostCopy] | None = None,
    ) -> None:
        """Check against `num_rows`; `start_copy` replaces the copy to the host on every device, for tests.

        Raises RecipeError for an unknown policy, or "unknown" without rows for it inside the table.
        """
        if policy not in get_args(OutOfRange):
            raise RecipeError(
                f"out_of_range must be one of {', '.join(get_args(OutOfRange))}, but is {policy!r}"
            )
        if policy == "unknown" and unknown_row is None:
            raise RecipeError(
                'out_of_range="unknown" needs a row that stands for unknown values; pass '
                "unknown=rnn.Unknown(row=...), or make the layer with from_table or from_vocabulary, which "
                "append one"
            )
        if unknown_row is not None and not 0 <= unknown_row <= num_rows - buckets:
            raise RecipeError(f"the unknown row must lie in [0, {num_rows}), but is {unknown_row}")
        self.policy: OutOfRange = policy
        self.num_rows = num_rows
        self.unknown_row = unknown_row
        self.buckets = buckets
        self._start_copy = start_copy
        self._faults: dict[torch.device, _Faults] = {}

    def check(
        self,
        ids: Tensor,
        layer_name: str,
        device: torch.device | None = None,
        report: UnknownReport | None = None,
    ) -> tuple[Int64[Tensor, "*batch"], Bool[Tensor, "*batch"] | None]:
        """Return ids in [0, num_rows) of the same shape, and where zeros belong (None: nowhere).

        `device` is where the rows are. `report` counts the lookups and the unknown ids among them.
        Costs one pass over the ids. Raises ShapeError for ids that are no whole numbers or lie on another
        device, and RowIdError under "raise", and under any policy where a table has no rows at all.
        """
        ids = _whole(ids, layer_name)
        if device is not None and ids.device != device:
            raise ShapeError(
                f"{layer_name}: ids must be on the device of its rows, {device}, but are on {ids.device}; "
                f"move them with ids.to({str(device)!r})"
            )
        if not has_values(ids):
            return self._followed(ids) if self.policy != "raise" else (ids, None)
        faults = self._faults_on(ids.device)
        if faults is not None:
            self._raise_if(faults.arrived(), layer_name)
        if report is not None:
            report.add_lookups(ids.numel())
        if ids.numel() == 0 or (faults is None and self._inside(ids)):
            return ids, None
        if self.policy != "raise" and self.num_rows > 0:
            return self._followed(ids, report)
        if faults is None or self.num_rows == 0:
            count, place, found = _check_ids(ids, self.num_rows)[1].tolist()
            fault = _Fault(found, _subscript(place, ids.shape), count, ids.numel(), at_once=True)
            raise self._error_of(fault, layer_name)
        return faults.note(ids, self.num_rows), None

    def check_now(self, layer_name: str) -> None:
        """Raise RowIdError for a fault that a device has met and nobody was told of; waits for the device."""
        for faults in self._faults.values():
            self._raise_if(faults.now(), layer_name)

    def _followed(self, ids: Tensor, report: UnknownReport | None = None) -> tuple[Tensor, Tensor | None]:
        """Ids with the wrong ones replaced; nothing here looks at a value, so that a compiler can follow."""
        wrong = (ids < 0) | (ids >= self.num_rows)
        if report is not None:
            report.add_unknown(wrong)
        if self.policy == "zero":
            return ids.masked_fill(wrong, 0), wrong
        row = self.unknown_row or 0
        if self.buckets == 1:
            return ids.masked_fill(wrong, row), None
        return torch.where(wrong, row + ids.remainder(self.buckets), ids), None

    def _inside(self, ids: Tensor) -> bool:
        if ids.numel() >= KERNEL_FROM_IDS and ids.device.type == "cpu":
            return int(_check_ids(ids, self.num_rows)[1][0]) == 0
        low, high = torch.aminmax(ids)
        return int(low) >= 0 and int(high) < self.num_rows

    def _faults_on(self, device: torch.device) -> _Faults | None:
        """The record for a device where reading a value would wait; None where it is read at once."""
        if device not in self._faults and (device.type == "cuda" or self._start_copy is not None):
            self._faults[device] = _Faults(device, self._start_copy or _CudaCopy)
        return self._faults.get(device)

    def _raise_if(self, fault: _Fault | None, layer_name: str) -> None:
        if fault is not None:
            raise self._error_of(fault, layer_name)

    def _error_of(self, fault: _Fault, layer_name: str) -> RowIdError:
        others = f"{fault.count - 1} more" + (f" of {fault.lookups}" if fault.lookups else "")
        more = f" ({others} are wrong too)" if fault.count > 1 else ""
        when = "" if fault.at_once else "; it met this in an earlier call, where row 0 stood in for it"
        return RowIdError(
            f"{layer_name}: row ids must lie in [0, {self.num_rows}), but ids{fault.place} is {fault.id}"
            f'{more}{when}; give ids of this table, or make the layer with out_of_range="unknown" or "zero"'
        )

    def __getstate__(self) -> dict[str, Any]:
        """Everything but faults under way, which belong to this object's device work alone."""
        return {**self.__dict__, "_faults": {}}


@dataclass(frozen=True)
class _Fault:
    """The first wrong id of one call."""

    id: int
    place: str  # as a subscript
    count: int  # wrong ids in the call
    lookups: int | None  # all ids in it; None where nobody remembers
    at_once: bool


@dataclass
class _Faults:
    """The first fault on one device that nobody was told of, and its copy on the way to the host."""

    device: torch.device
    start_copy: Callable[[Tensor], HostCopy]
    record: Int64[Tensor, "4"] | None = None  # wrong ids, first place, first id, call; the first fault stays
    shapes: dict[int, torch.Size] = field(default_factory=dict)  # of the calls that may be to blame yet
    calls: int = 0
    under_way: HostCopy | None = None
    calls_copied: int = 0

    def note(self, ids: Tensor, num_rows: int) -> Tensor:
        """Ids with row 0 for the wrong ones, and the fault, if any, written down. Nothing here waits."""
        safe, fault = _check_ids(ids, num_rows)
        record = self._record()
        found = torch.cat([fault, fault.new_full((1,), self.calls)])
        record.copy_(torch.where(record[0] > 0, record, found))
        self.shapes[self.calls] = ids.shape
        self.calls += 1
        if self.under_way is None and not _capturing(self.device):
            self.under_way, self.calls_copied = self.start_copy(self._record()), self.calls
        return safe

    def arrived(self) -> _Fault | None:
        """The fault that a copy has brought, if one is there."""
        if self.under_way is None or _capturing(self.device) or not self.under_way.arrived():
            return None
        values, self.under_way = self.under_way.values(), None
        return self._told(values, self.calls_copied)

    def now(self) -> _Fault | None:
        """The fault on the device, waited for."""
        self.under_way = None
        return None if self.record is None else self._told(self.record.tolist(), self.calls)

    def _record(self) -> Tensor:
        if self.record is None:
            with torch.inference_mode(False):  # else no later training step could write into it
                self.record = torch.zeros(4, dtype=torch.int64, device=self.device)
        return self.record

    def _told(self, values: list[int], calls: int) -> _Fault | None:
        """The fault of a record, if it tells one; forget it, and the shapes of calls found blameless."""
        count, place, found, call = values
        shape = self.shapes.get(call)
        self.shapes = {each: self.shapes[each] for each in self.shapes if each >= calls}
        if count == 0:
            return None
        self._record().zero_()
        if shape is None:
            return _Fault(found, f".flatten()[{place}]", count, None, at_once=False)
        return _Fault(found, _subscript(place, shape), count, shape.numel(), at_once=False)


class _CudaCopy:
    """A copy into pinned memory behind the work of the current stream."""

    def __init__(self, record: Tensor) -> None:
        self._host = torch.empty(record.shape, dtype=record.dtype, pin_memory=True)
        self._host.copy_(record, non_blocking=True)
        self._event = torch.Event(record.device)
        self._event.record(torch.cuda.current_stream(record.device))

    def arrived(self) -> bool:
        return self._event.query()

    def values(self) -> list[int]:
        return self._host.tolist()


def _whole(ids: Tensor, layer_name: str) -> Tensor:
    """Ids as int64, or ShapeError where their dtype is none of whole numbers."""
    if ids.dtype == torch.int64:
        return ids
    if ids.is_floating_point() or ids.is_complex() or ids.dtype == torch.bool:
        raise ShapeError(
            f"{layer_name}: ids must be whole numbers (int64, int32, int16, int8, uint8), but are "
            f"{ids.dtype}; convert them with ids.long() if they are row ids"
        )
    return ids.to(torch.int64)


def _check_ids(ids: Tensor, num_rows: int) -> tuple[Tensor, Tensor]:
    """Ids with 0 for the wrong ones, and (how many, the first one's place, its id)."""
    flat = ids.reshape(-1)
    if ids.is_cuda:
        safe, fault = kernels.load("id_check", "gpu").check_ids(flat, num_rows, 0)
    else:
        device: kernels.Device = "cpu" if ids.numel() >= KERNEL_FROM_IDS else "reference"
        checked = kernels.load("id_check", device).check_ids(flat.cpu().numpy(), num_rows, 0)
        safe, fault = (torch.from_numpy(part).to(ids.device) for part in checked)
    return safe.reshape(ids.shape), fault


def _capturing(device: torch.device) -> bool:
    """Whether a CUDA graph is being recorded, into which no question to the device may fall."""
    return device.type == "cuda" and torch.cuda.is_current_stream_capturing()


def _subscript(place: int, shape: torch.Size) -> str:
    """``[2, 3]`` for a place in a tensor of two axes; nothing for a tensor of none."""
    places = []
    for size in reversed(shape):
        places.append(place % size)
        place //= size
    return f"[{', '.join(map(str, reversed(places)))}]" if places else ""
