"""Row gradients: what backward leaves on a table, kept as rows and never as a matrix of the table's size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from rowspace.nn import row_kernels
from rowspace.nn.row_kernels import Grouped


@dataclass(frozen=True, eq=False)
class RowGradient:
    """The gradient of one lookup, as the backward pass left it: unsorted, nothing added up yet.

    Entry e says: row ids[e] contributed coefficients[e] times itself to output sources[e].
    """

    ids: Int64[Tensor, "entries"]
    outputs: Float[Tensor, "bags dim"]  # the gradient of the layer's outputs
    sources: Int64[Tensor, "entries"] | None = None  # None: those of `offsets`
    coefficients: Float[Tensor, "entries"] | None = None  # None: all are one
    offsets: Int64[Tensor, "bags_plus_1"] | None = None  # of bags; None: entry e belongs to output e
    grouped: Grouped | None = None  # what `grouped_ids` gives, where the forward pass needed it already

    def to_sources(self) -> RowGradient:
        """The same with a source for each entry written out, if there are bags."""
        if self.sources is not None or self.offsets is None:
            return self
        return replace(self, sources=row_kernels.bag_of_entries(self.offsets, len(self.ids)), offsets=None)


@dataclass(frozen=True, eq=False)
class Segments:
    """Row gradients grouped by row: the form that kernels take, and the only one that an optimizer sees.

    The gradient of rows[i] is the sum over entries e in starts[i]:starts[i + 1] of
    coefficients[e] * outputs[sources[e]].

    >>> ids, outputs = torch.tensor([4, 1, 4]), torch.eye(3)
    >>> segments = group([RowGradient(ids, outputs)], num_rows=9)
    >>> segments.rows.tolist(), segments.counts.tolist()
    ([1, 4], [1, 2])
    >>> segments.summed().outputs.tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 1.0]]
    """

    rows: Int64[Tensor, "distinct"]  # ascending
    starts: Int64[Tensor, "distinct_plus_1"]
    sources: Int64[Tensor, "entries"]
    coefficients: Float[Tensor, "entries_or_0"]  # length 0: all are one
    outputs: Float[Tensor, "bags dim"]
    known_counts: Int64[Tensor, "distinct"] | None = None  # where entries were added up before
    is_summed: bool = False  # `outputs` holds one gradient a row, in the order of `rows`

    @cached_property
    def counts(self) -> Int64[Tensor, "distinct"]:
        """How many lookups met each row."""
        return self.starts.diff() if self.known_counts is None else self.known_counts

    def summed(self) -> Segments:
        """The same added up: `outputs` is (distinct, dim), one row each, and may be changed in place."""
        if self.is_summed:
            return self
        sums = row_kernels.sum_rows(self.starts, self.sources, self.coefficients, self.outputs)
        return of_sums(self.rows, sums, self.counts)


def of_sums(
    rows: Int64[Tensor, "distinct"],
    sums: Float[Tensor, "distinct dim"],
    counts: Int64[Tensor, "distinct"] | None = None,
) -> Segments:
    """Segments from distinct ascending rows and the one gradient of each."""
    places = torch.arange(len(rows) + 1, device=rows.device)
    counts = torch.ones_like(rows) if counts is None else counts
    return Segments(rows, places, places[:-1], sums.new_empty(0), sums, counts, is_summed=True)


def joined(before: Segments, gradients: Sequence[RowGradient], num_rows: int) -> Segments:
    """Summed segments and the gradients of further lookups; counts go on from those before."""
    segments = group((RowGradient(before.rows, before.outputs), *gradients), num_rows)
    counts = segments.starts.diff()
    counts[torch.searchsorted(segments.rows, before.rows)] += before.counts - 1
    return replace(segments, known_counts=counts)


def group(gradients: Sequence[RowGradient], num_rows: int) -> Segments:
    """Group the entries of all `gradients` by row; linear in their number (a radix sort on the CPU)."""
    whole = gradients[0] if len(gradients) == 1 else _join(gradients)
    outputs, ones = whole.outputs.contiguous(), whole.outputs.new_empty(0)
    bags = whole.offsets if whole.coefficients is None else None
    rows, starts, order = whole.grouped or grouped_ids(whole.ids, bags, num_rows)
    if bags is not None:
        return Segments(rows, starts, order, ones, outputs)
    whole = whole.to_sources()
    sources = order if whole.sources is None else row_kernels.taken(whole.sources, order)
    coefficients = ones if whole.coefficients is None else row_kernels.taken(whole.coefficients, order)
    return Segments(rows, starts, sources, coefficients, outputs)


def grouped_ids(
    ids: Int64[Tensor, "entries"], bags: Int64[Tensor, "bags_plus_1"] | None, num_rows: int
) -> Grouped:
    """Distinct rows, where their entries start, and the bags of the entries, or without bags their places.

    Bags are asked for where a gradient has offsets and no coefficients.
    """
    return (
        row_kernels.group_rows(ids, num_rows) if bags is None else row_kernels.group_bags(ids, bags, num_rows)
    )


def _join(gradients: Sequence[RowGradient]) -> RowGradient:
    """One gradient with the entries of all, in their order."""
    sources, first = [], 0
    gradients = [each.to_sources() for each in gradients]
    for each in gradients:
        own = torch.arange(len(each.ids), device=each.ids.device) if each.sources is None else each.sources
        sources.append(own + first)
        first += len(each.outputs)
    has_coefficients = any(each.coefficients is not None for each in gradients)
    return RowGradient(
        torch.cat([each.ids for each in gradients]),
        torch.cat([each.outputs for each in gradients]),
        torch.cat(sources),
        torch.cat([_coefficients(each) for each in gradients]) if has_coefficients else None,
    )


def _coefficients(gradient: RowGradient) -> Float[Tensor, "entries"]:
    if gradient.coefficients is not None:
        return gradient.coefficients
    return gradient.outputs.new_ones(len(gradient.ids))
