"""Entries grouped by row with torch's radix sort, which already runs at the speed of the memory."""

from __future__ import annotations

import torch
from jaxtyping import Int64
from torch import Tensor

RowIds = Int64[Tensor, "entries"]
RowsOnce = Int64[Tensor, "distinct"]  # ascending, none twice
Starts = Int64[Tensor, "distinct_plus_1"]
Order = Int64[Tensor, "entries"]


def group_rows(ids: RowIds, num_rows: int) -> tuple[RowsOnce, Starts, Order]:
    """The distinct rows ascending, where their entries start, and the places of `ids` sorted stably by id.

    `ids` lie in [0, num_rows). Ids that fit are sorted as int32, in half the passes. The number of distinct
    rows is the length of an array, which lives on the host: reading it is the one synchronization of a step.
    """
    fits = num_rows <= torch.iinfo(torch.int32).max
    by_row, order = torch.sort(ids.to(torch.int32) if fits else ids, stable=True)
    begins = torch.ones_like(by_row, dtype=torch.bool)
    torch.ne(by_row[1:], by_row[:-1], out=begins[1:])
    starts = torch.nonzero(begins).squeeze(1)
    rows = by_row[starts].to(torch.int64)
    return rows, torch.cat([starts, starts.new_full((1,), len(ids))]), order
