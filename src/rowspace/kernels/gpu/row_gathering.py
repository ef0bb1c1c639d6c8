"""Rows copied out of a table: torch's own operator already runs at the speed of the memory."""

from __future__ import annotations

import torch
from jaxtyping import Int64
from torch import Tensor

from rowspace.kernels.gpu.entries import Vectors

RowIds = Int64[Tensor, "entries"]


def gather_rows_(vectors: Vectors, ids: RowIds, out: Vectors) -> None:
    """Write vectors[ids[i]] to out[i], float32 (ids, dim)."""
    torch.index_select(vectors, 0, ids, out=out)
