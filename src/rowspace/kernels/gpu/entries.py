"""Sums over the entries of a segment, with which every kernel on rows or bags begins.

A segment is summed by one program, in a fixed order: the same bits in every run, and no atomics. So that
one row met a hundred thousand times does not keep a single program busy while the others have gone home,
the entries are cut into chunks of CHUNK: chunks that lie within one segment are summed first, each by a
program of its own, and the program of the segment adds those sums to what is left at either end.
"""

from __future__ import annotations

from typing import NamedTuple

import triton
import triton.language as tl
from jaxtyping import Float32, Int64
from torch import Tensor

Vectors = Float32[Tensor, "rows dim"]
Coefficients = Float32[Tensor, "entries"]  # a factor for each entry; of length 0 where all are one
Sources = Int64[Tensor, "entries"]
Starts = Int64[Tensor, "segments_plus_1"]

CHUNK = tl.constexpr(128)
# What a warp holds in registers without spilling, 16 floats a lane, is the tile that a program works on.
FLOATS_A_WARP = 512
# Without fused multiply-adds the arithmetic is that of the reference; memory is what kernels wait for.
ARITHMETIC = {"enable_fp_fusion": False}


class Entries(NamedTuple):
    """Entries grouped in segments, as an argument of a kernel."""

    starts: Starts
    sources: Sources
    coefficients: Coefficients | None  # None: all are one
    outputs: Vectors
    chunk_sums: Vectors | None  # of each CHUNK of sources, where it lies within one segment; None: none does


class Tile(NamedTuple):
    """How a program reads vectors: so many entries by so many values of each, with so many warps."""

    entries: int
    dim: int
    warps: int

    def grid(self, programs: int, dim: int) -> tuple[int, int]:
        """A row of programs for each block of dimensions."""
        return programs, triton.cdiv(dim, self.dim)


def tile_for(dim: int, *, whole: bool = False) -> Tile:
    """The tile for vectors of `dim` values; `whole` asks for all of them at once, up to 2**20."""
    width = int(triton.next_power_of_2(max(dim, 1)))
    if not whole:
        width = min(width, FLOATS_A_WARP)
    entries = max(1, min(8, FLOATS_A_WARP // width))
    return Tile(entries, width, max(1, min(16, entries * width // FLOATS_A_WARP)))


def entries_of(starts: Starts, sources: Sources, coefficients: Coefficients, outputs: Vectors) -> Entries:
    """The argument for kernels; where segments may be long their chunks are summed here, in a first stage."""
    factors = coefficients.contiguous() if len(coefficients) else None
    entries = Entries(starts.contiguous(), sources.contiguous(), factors, outputs.contiguous(), None)
    chunks, dim = len(sources) // CHUNK.value, outputs.shape[1]
    if not chunks or not dim:
        return entries
    sums, tile = outputs.new_empty(chunks, dim), tile_for(dim)
    _sum_chunks[tile.grid(chunks, dim)](
        entries, sums, len(starts) - 1, dim, tile.entries, tile.dim, num_warps=tile.warps, **ARITHMETIC
    )
    return entries._replace(chunk_sums=sums)


@triton.jit
def sum_of_segment(
    segment: tl.tensor,
    entries: tl.tuple,
    dims: tl.tensor,
    dim: tl.tensor,
    block_entries: tl.constexpr,
    block_dim: tl.constexpr,
) -> tl.tensor:
    """The sum of coefficients[e] * outputs[sources[e]] over the entries e of `segment`, at `dims`."""
    first = tl.load(entries.starts + segment)
    last = tl.load(entries.starts + segment + 1)
    total = tl.full((block_entries, block_dim), 0, tl.float32)
    if entries.chunk_sums is not None:
        first_chunk = (first + CHUNK - 1) // CHUNK
        last_chunk = last // CHUNK
        if first_chunk < last_chunk:
            total = _add_entries(total, first, first_chunk * CHUNK, entries, dims, dim, block_entries)
            total = _add_sums(total, first_chunk, last_chunk, entries.chunk_sums, dims, dim, block_entries)
            first = last_chunk * CHUNK
    total = _add_entries(total, first, last, entries, dims, dim, block_entries)
    return tl.reduce(total, 0, add)


@triton.jit
def add(a: tl.tensor, b: tl.tensor) -> tl.tensor:
    """What tl.reduce combines values with."""
    return a + b


@triton.jit
def _add_entries(
    total: tl.tensor,
    first: tl.tensor,
    last: tl.tensor,
    entries: tl.tuple,
    dims: tl.tensor,
    dim: tl.tensor,
    block_entries: tl.constexpr,
) -> tl.tensor:
    for start in range(first, last, block_entries):
        places = start + tl.arange(0, block_entries)
        inside = places < last
        sources = tl.load(entries.sources + places, mask=inside, other=0)
        mask = inside[:, None] & (dims < dim)[None, :]
        values = tl.load(entries.outputs + sources[:, None] * dim + dims[None, :], mask=mask, other=0.0)
        if entries.coefficients is not None:
            values *= tl.load(entries.coefficients + places, mask=inside, other=0.0)[:, None]
        total += values
    return total


@triton.jit
def _add_sums(
    total: tl.tensor,
    first: tl.tensor,
    last: tl.tensor,
    sums: tl.tensor,
    dims: tl.tensor,
    dim: tl.tensor,
    block_entries: tl.constexpr,
) -> tl.tensor:
    for start in range(first, last, block_entries):
        places = start + tl.arange(0, block_entries)
        mask = (places < last)[:, None] & (dims < dim)[None, :]
        total += tl.load(sums + places[:, None] * dim + dims[None, :], mask=mask, other=0.0)
    return total


@triton.jit
def _sum_chunks(
    entries: tl.tuple,
    sums: tl.tensor,
    num_segments: tl.tensor,
    dim: tl.tensor,
    block_entries: tl.constexpr,
    block_dim: tl.constexpr,
) -> None:
    """Sum the chunk of this program if it lies within one segment; nobody reads the sums of the others."""
    chunk = tl.program_id(0).to(tl.int64)
    first, last = chunk * CHUNK, (chunk + 1) * CHUNK
    # Halve the segments until starts[low] <= first < starts[high], were there a start before and after all.
    low, high = tl.full((), -1, tl.int64), tl.full((), 0, tl.int64) + num_segments
    while high - low > 1:
        middle = (low + high) // 2
        begun = tl.load(entries.starts + middle) <= first
        low = tl.where(begun, middle, low)
        high = tl.where(begun, high, middle)
    within = (low >= 0) & (tl.load(entries.starts + low + 1) >= last)
    if within:
        dims = tl.program_id(1) * block_dim + tl.arange(0, block_dim)
        total = tl.full((block_entries, block_dim), 0, tl.float32)
        total = _add_entries(total, first, last, entries, dims, dim, block_entries)
        tl.store(sums + chunk * dim + dims, tl.reduce(total, 0, add), mask=dims < dim)
