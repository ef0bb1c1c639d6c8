"""Steps and settlings of rows: from torch's tensors to the kernels of their device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from rowspace import kernels
from rowspace.errors import ShapeError
from rowspace.nn import row_kernels
from rowspace.nn.row_gradient import Segments
from rowspace.nn.row_parameter import RowParameter


def step_rows_(
    name: str, weight: RowParameter, kept: Sequence[Tensor], segments: Segments, *numbers: float | bool
) -> None:
    """Run the kernel `name` of row_steps on the weight and what the optimizer keeps beside it.

    ShapeError where that is of another shape than the weight, as after loading another table's state.
    """
    shape = weight.shape[:1] if name == "rowwise_adagrad_" else weight.shape
    _check_layout(weight, kept, shape)
    tensors = [weight.detach(), *kept, segments.rows, segments.starts, segments.sources]
    tensors += [segments.coefficients, segments.outputs.contiguous(), rates_of(weight)]
    if row_kernels.on_gpu(weight):
        getattr(kernels.load("row_steps", "gpu"), name)(*tensors, *numbers)
        return
    arrays = [each.numpy() for each in tensors]
    kernel = getattr(kernels.load("row_steps"), name)
    first, last = 1 + len(kept), 2 + len(kept)
    rows, starts = arrays[first], arrays[last]

    def step_slice(a: int, b: int) -> None:
        kernel(*arrays[:first], rows[a:b], starts[a : b + 1], *arrays[last + 1 :], *numbers)

    row_kernels.on_threads(step_slice, row_kernels.even_slices(starts))


def settle_rows_(
    name: str,
    weight: RowParameter,
    kept: Sequence[Tensor],
    last: Int64[Tensor, "rows"],
    ids: Int64[Tensor, "n"],
    steps: Any,
    *,
    distinct: bool = False,
    before_step: bool = False,
) -> None:
    """Run the kernel `name` of row_settling on the rows `ids`; `steps` are its history.

    With `before_step` the rows are written down as stepped once more, which the caller is about to do.
    Threads share `distinct` ids as slices. Others may hold a row twice, so that each thread looks at all of
    them and takes the rows that are its own.
    """
    _check_layout(weight, [last], weight.shape[:1])
    _check_layout(weight, kept, weight.shape)
    tensors = [weight.detach(), *kept, last, ids.contiguous(), rates_of(weight)]
    if row_kernels.on_gpu(weight):
        getattr(kernels.load("row_settling", "gpu"), name)(*tensors, steps, 0, 1, int(before_step))
        return
    arrays = [each.numpy() for each in tensors]
    kernel = getattr(kernels.load("row_settling"), name)
    *of_table, rows, rates = arrays
    ahead = int(before_step)
    if distinct:
        cuts = row_kernels.equal_slices(len(rows))
        row_kernels.on_threads(lambda a, b: kernel(*of_table, rows[a:b], rates, steps, 0, 1, ahead), cuts)
    else:
        shares = row_kernels.num_parts(len(rows))
        cuts = np.arange(shares + 1)
        row_kernels.on_threads(lambda share, _: kernel(*arrays, steps, share, shares, ahead), cuts)


def rates_of(weight: RowParameter) -> Float32[Tensor, "rows_or_0"]:
    """The multiplier of each row's learning rate, of length 0 where all are one."""
    if weight.rates is None:
        return torch.empty(0, device=weight.device)
    _check_layout(weight, [weight.rates], weight.shape[:1])
    return weight.rates.contiguous()


def _check_layout(weight: RowParameter, tensors: Sequence[Tensor], shape: torch.Size) -> None:
    """Kernels look at no bounds: all that they index by row must have all rows."""
    for each in tensors:
        if each.shape != shape:
            raise ShapeError(
                f"what goes with the rows of a weight {tuple(weight.shape)} must have shape {tuple(shape)}, "
                f"but has {tuple(each.shape)}; make the optimizer anew for a table of another size"
            )
