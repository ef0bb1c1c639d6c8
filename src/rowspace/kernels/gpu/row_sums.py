"""The gradient of each row in Triton, a program for each row and block of dimensions."""

from __future__ import annotations

import triton
import triton.language as tl

from rowspace.kernels.gpu.entries import (
    ARITHMETIC,
    Coefficients,
    Sources,
    Starts,
    Vectors,
    entries_of,
    sum_of_segment,
    tile_for,
)


def sum_rows_(
    starts: Starts, sources: Sources, coefficients: Coefficients, outputs: Vectors, out: Vectors
) -> None:
    """Write the summed gradient of each row to `out`, float32 (distinct, dim), the same bits in every run."""
    dim = out.shape[1]
    if not out.numel():
        return
    tile = tile_for(dim)
    _sum_segments[tile.grid(len(out), dim)](
        entries_of(starts, sources, coefficients, outputs),
        out,
        dim,
        tile.entries,
        tile.dim,
        num_warps=tile.warps,
        **ARITHMETIC,
    )


@triton.jit
def _sum_segments(
    entries: tl.tuple,
    out: tl.tensor,
    dim: tl.tensor,
    block_entries: tl.constexpr,
    block_dim: tl.constexpr,
) -> None:
    segment = tl.program_id(0).to(tl.int64)
    dims = tl.program_id(1) * block_dim + tl.arange(0, block_dim)
    total = sum_of_segment(segment, entries, dims, dim, block_entries, block_dim)
    tl.store(out + segment * dim + dims, total, mask=dims < dim)
