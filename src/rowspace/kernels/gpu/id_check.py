"""The check of ids in Triton: nothing waits for the host, which may read the fault whenever it likes."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from jaxtyping import Int32, Int64
from torch import Tensor

from rowspace.kernels.gpu.entries import ARITHMETIC, add

AnyIds = Int64[Tensor, "n"] | Int32[Tensor, "n"]
RowIds = Int64[Tensor, "n"]
Fault = Int64[Tensor, "3"]

BLOCK = 256  # ids that a program checks


def check_ids(ids: AnyIds, num_rows: int, replacement: int) -> tuple[RowIds, Fault]:
    """Put `replacement` where an id is outside [0, num_rows), and tell how many and which was the first.

    The fault is (how many are outside, the first one's place, its id), and (0, -1, 0) where all are inside.
    `replacement` is not checked: a table without rows has no safe one. Two launches, no synchronization.
    """
    ids, blocks = ids.contiguous(), triton.cdiv(len(ids), BLOCK)
    safe = torch.empty_like(ids, dtype=torch.int64)
    counts, firsts = ids.new_empty(2, blocks, dtype=torch.int64).unbind()
    fault = ids.new_empty(3, dtype=torch.int64)
    sizes = len(ids), num_rows, replacement
    _check_block[(blocks,)](ids, safe, counts, firsts, *sizes, BLOCK, **ARITHMETIC)
    _gather_fault[(1,)](ids, counts, firsts, fault, len(ids), blocks, BLOCK, **ARITHMETIC)
    return safe, fault


@triton.jit
def _check_block(
    ids: tl.tensor,
    safe: tl.tensor,
    counts: tl.tensor,
    firsts: tl.tensor,
    num_ids: tl.tensor,
    num_rows: tl.tensor,
    replacement: tl.tensor,
    block: tl.constexpr,
) -> None:
    program = tl.program_id(0).to(tl.int64)
    places = program * block + tl.arange(0, block)
    inside = places < num_ids
    given = tl.load(ids + places, mask=inside, other=0).to(tl.int64)
    outside = inside & ((given < 0) | (given >= num_rows))
    tl.store(safe + places, tl.where(outside, replacement, given), mask=inside)
    tl.store(counts + program, tl.reduce(outside.to(tl.int64), 0, add))
    tl.store(firsts + program, tl.reduce(tl.where(outside, places, num_ids), 0, _lesser))


@triton.jit
def _gather_fault(
    ids: tl.tensor,
    counts: tl.tensor,
    firsts: tl.tensor,
    fault: tl.tensor,
    num_ids: tl.tensor,
    blocks: tl.tensor,
    block: tl.constexpr,
) -> None:
    outside = tl.full((block,), 0, tl.int64)
    first = tl.full((block,), 0, tl.int64) + num_ids
    for start in range(0, blocks, block):
        places = start + tl.arange(0, block)
        outside += tl.load(counts + places, mask=places < blocks, other=0)
        first = _lesser(first, tl.load(firsts + places, mask=places < blocks, other=num_ids))
    place = tl.reduce(first, 0, _lesser)
    found = place < num_ids
    tl.store(fault, tl.reduce(outside, 0, add))
    tl.store(fault + 1, tl.where(found, place, -1))
    tl.store(fault + 2, tl.load(ids + place, mask=found, other=0).to(tl.int64))


@triton.jit
def _lesser(a: tl.tensor, b: tl.tensor) -> tl.tensor:
    return tl.minimum(a, b)
