"""What bags of rows give, in Triton.

A weighted sum of the rows of bags is the sum of the entries of segments, whatever they stand for.
"""

from __future__ import annotations

import triton
import triton.language as tl
from jaxtyping import Float32, Int64
from torch import Tensor

from rowspace.kernels.gpu.entries import (
    ARITHMETIC,
    Coefficients,
    Sources,
    Starts,
    Vectors,
    add,
    tile_for,
)
from rowspace.kernels.gpu.row_sums import sum_rows_

RowIds = Int64[Tensor, "entries"]
Places = Int64[Tensor, "bags dim"]
EntryValues = Float32[Tensor, "entries"]


def pool_bags_(
    vectors: Vectors, ids: RowIds, offsets: Starts, coefficients: Coefficients, out: Vectors
) -> None:
    """Write the sum of coefficients[e] * vectors[ids[e]] over each bag to `out`, float32 (bags, dim)."""
    sum_rows_(offsets, ids, coefficients, vectors, out)


def max_of_bags_(vectors: Vectors, ids: RowIds, offsets: Starts, out: Vectors, places: Places) -> None:
    """Write the greatest value of each bag and dimension to `out`, and the entry that holds it to `places`.

    Of equal values the first one counts, and a NaN is above every number. An empty bag has zeros and
    the place -1. A program reads the entries of a bag one after another.
    """
    dim = out.shape[1]
    if out.numel():
        tile = tile_for(dim)
        _max_of_bag[tile.grid(len(out), dim)](
            vectors.contiguous(), ids.contiguous(), offsets.contiguous(), out, places, dim, tile.dim,
            num_warps=1, **ARITHMETIC,
        )  # fmt: skip


def coefficient_gradients_(
    vectors: Vectors, ids: RowIds, sources: Sources, outputs: Vectors, out: EntryValues
) -> None:
    """Write the dot product of vectors[ids[e]] and outputs[sources[e]] to out[e]."""
    if len(out):
        tile = tile_for(vectors.shape[1])
        _dot_entries[(triton.cdiv(len(out), tile.entries),)](
            vectors.contiguous(), ids.contiguous(), sources.contiguous(), outputs.contiguous(), out,
            len(out), vectors.shape[1], tile.entries, tile.dim, num_warps=tile.warps, **ARITHMETIC,
        )  # fmt: skip


@triton.jit
def _max_of_bag(
    vectors: tl.tensor,
    ids: tl.tensor,
    offsets: tl.tensor,
    out: tl.tensor,
    places: tl.tensor,
    dim: tl.tensor,
    block_dim: tl.constexpr,
) -> None:
    bag = tl.program_id(0).to(tl.int64)
    dims = tl.program_id(1) * block_dim + tl.arange(0, block_dim)
    greatest = tl.full((block_dim,), 0, tl.float32)
    where = tl.full((block_dim,), -1, tl.int64)
    for entry in range(tl.load(offsets + bag), tl.load(offsets + bag + 1)):
        value = tl.load(vectors + tl.load(ids + entry) * dim + dims, mask=dims < dim, other=0.0)
        # Only a NaN differs from itself.
        above = (where < 0) | (value > greatest) | ((value != value) & (greatest == greatest))
        greatest = tl.where(above, value, greatest)
        where = tl.where(above, entry, where)
    tl.store(out + bag * dim + dims, greatest, mask=dims < dim)
    tl.store(places + bag * dim + dims, where, mask=dims < dim)


@triton.jit
def _dot_entries(
    vectors: tl.tensor,
    ids: tl.tensor,
    sources: tl.tensor,
    outputs: tl.tensor,
    out: tl.tensor,
    num_entries: tl.tensor,
    dim: tl.tensor,
    block_entries: tl.constexpr,
    block_dim: tl.constexpr,
) -> None:
    entries = tl.program_id(0).to(tl.int64) * block_entries + tl.arange(0, block_entries)
    inside = entries < num_entries
    rows = tl.load(ids + entries, mask=inside, other=0)[:, None] * dim
    bags = tl.load(sources + entries, mask=inside, other=0)[:, None] * dim
    products = tl.full((block_entries, block_dim), 0, tl.float32)
    for start in range(0, dim, block_dim):
        dims = start + tl.arange(0, block_dim)[None, :]
        mask = inside[:, None] & (dims < dim)
        values = tl.load(vectors + rows + dims, mask=mask, other=0.0)
        products += values * tl.load(outputs + bags + dims, mask=mask, other=0.0)
    tl.store(out + entries, tl.reduce(products, 1, add), mask=inside)
