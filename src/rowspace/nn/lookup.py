"""Rows out of a table, with the gradient kept as rows where an optimizer collects them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec

import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch's users know
from jaxtyping import Float, Int, Int64
from torch import Tensor
from torch.autograd.function import once_differentiable

from rowspace.nn import row_kernels
from rowspace.nn.row_gradient import RowGradient, grouped_ids
from rowspace.nn.row_kernels import Grouped
from rowspace.nn.row_parameter import RowParameter

Given = ParamSpec("Given")


def uncompiled(function: Callable[Given, Tensor]) -> Callable[Given, Tensor]:
    """Keep `function` out of compiled graphs: what stands before and after it is compiled.

    The compiler cannot see into kernels, nor follow gradients that leave autograd.
    """
    disable: Callable[[Callable[Given, Tensor]], Callable[Given, Tensor]] = torch.compiler.disable
    return disable(function)


def gather(
    weight: Float[Tensor, "rows dim"],
    ids: Int[Tensor, "*batch"],
    *,
    padding_row: int | None = None,
    scale_by_count: bool = False,
    sparse: bool = False,
) -> Float[Tensor, "*batch dim"]:
    """The rows at `ids`, which must lie in [0, rows); the padding row receives no gradient.

    With `scale_by_count` the gradient of a row is divided by how often it occurs in `ids`.
    """
    if torch.compiler.is_compiling() and not is_collected(weight):
        return F.embedding(ids, weight, padding_row, None, 2.0, scale_by_count, sparse)
    return _gather(weight, ids, padding_row, scale_by_count, sparse)


def pool(
    weight: Float[Tensor, "rows dim"],
    ids: Int64[Tensor, "entries"],
    offsets: Int64[Tensor, "bags_plus_1"],
    coefficients: Float[Tensor, "entries"] | None = None,
    *,
    scale_by_count: bool = False,
    sparse: bool = False,
) -> Float[Tensor, "bags dim"]:
    """The sum of the rows in each bag, each times its coefficient; differentiable in both."""
    if torch.compiler.is_compiling() and not is_collected(weight):
        return _pool_in_torch(weight, ids, offsets, coefficients, scale_by_count, sparse)
    return _pool(weight, ids, offsets, coefficients, scale_by_count, sparse)


def pool_block(
    weight: Float[Tensor, "rows dim"],
    ids: Int[Tensor, "bags size"],
    weights: Float[Tensor, "bags size"] | None,
    mode: str,
    padding_row: int | None,
) -> Float[Tensor, "bags dim"]:
    """Bags of one size by a gather and a reduction, operators that every compiler and exporter knows.

    embedding_bag becomes a loop over sequences in ONNX, which some runtimes refuse.
    """
    rows = F.embedding(ids, weight, padding_row)
    counted = torch.ones_like(rows[..., 0]) if weights is None else weights
    kept = None if padding_row is None else ids != padding_row
    if kept is not None:
        counted = counted * kept
    rows = rows * counted.unsqueeze(-1)
    if mode == "max":
        if kept is not None:
            rows = rows.masked_fill(~kept.unsqueeze(-1), -torch.inf)
        largest = rows.amax(1)
        return largest if kept is None else largest.masked_fill(~kept.any(1, keepdim=True), 0)
    if mode == "sum":
        return rows.sum(1)
    totals = counted.sum(1, keepdim=True)
    return rows.sum(1) / totals.masked_fill(totals == 0, 1)


def is_collected(weight: Tensor) -> bool:
    """Whether an optimizer of rowspace.nn.optim steps the rows of `weight`."""
    return isinstance(weight, RowParameter) and weight.collector is not None


@uncompiled
def _gather(
    weight: Tensor, ids: Tensor, padding_row: int | None, scale_by_count: bool, sparse: bool
) -> Tensor:
    if isinstance(weight, RowParameter):
        flat = ids.reshape(-1)
        collects = weight.collects and torch.is_grad_enabled()
        grouped = _settle(weight, flat, None, collects and padding_row is None)
        if collects:
            rows = _gather_collected(weight, flat, padding_row, scale_by_count, grouped)
            return rows.reshape(*ids.shape, weight.shape[1])
    return F.embedding(ids, weight, padding_row, None, 2.0, scale_by_count, sparse)


@uncompiled
def _pool(
    weight: Tensor,
    ids: Tensor,
    offsets: Tensor,
    coefficients: Tensor | None,
    scale_by_count: bool,
    sparse: bool,
) -> Tensor:
    if isinstance(weight, RowParameter):
        collects = weight.collects and torch.is_grad_enabled()
        bags = offsets if coefficients is None and not scale_by_count else None
        grouped = _settle(weight, ids, bags, collects)
        if collects:
            return _pool_collected(weight, ids, offsets, coefficients, scale_by_count, grouped)
    return _pool_in_torch(weight, ids, offsets, coefficients, scale_by_count, sparse)


def _settle(weight: RowParameter, ids: Tensor, bags: Tensor | None, for_gradient: bool) -> Grouped | None:
    """Bring rows up to date; where the gradient will be grouped by them, group now, and settle each once."""
    if not for_gradient or not weight.is_behind or row_kernels.on_gpu(ids):
        weight.settle(ids)
        return None
    grouped = grouped_ids(ids.long(), bags, len(weight))
    weight.settle(grouped[0], distinct=True)
    return grouped


def _pool_in_torch(
    weight: Tensor,
    ids: Tensor,
    offsets: Tensor,
    coefficients: Tensor | None,
    scale_by_count: bool,
    sparse: bool,
) -> Tensor:
    return F.embedding_bag(
        ids,
        weight,
        offsets,
        scale_grad_by_freq=scale_by_count,
        mode="sum",
        sparse=sparse,
        per_sample_weights=coefficients,
        include_last_offset=True,
    )


class _Gather(torch.autograd.Function):
    """Rows by id; backward leaves them on the parameter."""

    @staticmethod
    def forward(
        ctx: Any,
        weight: RowParameter,
        ids: Tensor,
        padding_row: int | None,
        scale_by_count: bool,
        grouped: Grouped | None,
    ) -> Tensor:
        """Copy rows: (n, dim)."""
        ctx.weight, ctx.padding_row, ctx.scale_by_count = weight, padding_row, scale_by_count
        ctx.grouped = grouped
        ctx.save_for_backward(ids)
        return row_kernels.gather_rows(weight.detach(), ids.long())

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, outputs: Tensor) -> tuple[None, ...]:
        """Collect the gradient of the outputs as it is."""
        (ids,) = ctx.saved_tensors
        outputs = outputs.to(ctx.weight.dtype)
        sources = None
        if ctx.padding_row is not None:
            sources = torch.nonzero(ids != ctx.padding_row).squeeze(1)
            ids = ids[sources]
        coefficients = _shares(ids, outputs) if ctx.scale_by_count else None
        ctx.weight.collect(RowGradient(ids.long(), outputs, sources, coefficients, None, ctx.grouped))
        return None, None, None, None, None


class _Pool(torch.autograd.Function):
    """Weighted sums of bags; backward leaves rows on the parameter and returns the coefficients' gradient."""

    @staticmethod
    def forward(
        ctx: Any,
        weight: RowParameter,
        ids: Tensor,
        offsets: Tensor,
        coefficients: Tensor | None,
        scale_by_count: bool,
        grouped: Grouped | None,
    ) -> Tensor:
        """Add up bags: (bags, dim)."""
        ctx.weight, ctx.scale_by_count, ctx.grouped = weight, scale_by_count, grouped
        ctx.save_for_backward(ids, offsets, coefficients)
        factors = weight.new_empty(0) if coefficients is None else coefficients
        return row_kernels.pool_bags(weight, ids, offsets, factors)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, outputs: Tensor) -> tuple[None, None, None, Tensor | None, None, None]:
        """Collect the gradient of the outputs, each entry pointing to its bag."""
        ids, offsets, coefficients = ctx.saved_tensors
        outputs = outputs.to(ctx.weight.dtype).contiguous()
        by_coefficient = None
        if ctx.needs_input_grad[3]:
            sources = row_kernels.bag_of_entries(offsets, len(ids))
            by_coefficient = row_kernels.coefficient_gradients(ctx.weight, ids, sources, outputs)
        if ctx.scale_by_count:
            shares = _shares(ids, outputs)
            coefficients = shares if coefficients is None else coefficients * shares
        ctx.weight.collect(RowGradient(ids, outputs, None, coefficients, offsets, ctx.grouped))
        return None, None, None, by_coefficient, None, None


_gather_collected: Callable[..., Tensor] = _Gather.apply
_pool_collected: Callable[..., Tensor] = _Pool.apply


def _shares(ids: Tensor, outputs: Tensor) -> Tensor:
    """One over how often each id occurs."""
    _, inverse, counts = torch.unique(ids, return_inverse=True, return_counts=True)
    shares: Tensor = counts.to(outputs.dtype).reciprocal()[inverse]
    return shares
