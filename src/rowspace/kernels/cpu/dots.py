"""Dot products of rows with rows, sixteen at a time, and the small vectors that go with them.

kernels/cpu/tiles.py puts sixteen centers side by side, so that a sum over columns is a sum of vectors.
That needs a transposed copy, which pays where many output rows meet the same sixteen. Here rows stay as
they lie, a tile holds sixteen vectors of partial sums, and fifteen additions of halves turn those into
one vector of sixteen dot products.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from rowspace.kernels.cpu.simd import (
    LANES,
    call_vector,
    float16x,
    intrinsic,
    place,
    vector_type,
)

_INT = ir.IntType(64)
_QUARTER = ir.VectorType(ir.FloatType(), 4)
_INTS = ir.VectorType(ir.IntType(32), LANES)


def _dots_of(num_left: int, num_right: int) -> Any:
    """Lane i * num_right + j: left row i times right row j; num_left * num_right is sixteen."""

    def dots(typing: Any, left: Any, left_places: Any, right: Any, right_places: Any, stride: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            left, left_places, right, right_places, stride = arguments
            lefts = _rows_at(builder, left, left_places, num_left)
            rights = _rows_at(builder, right, right_places, num_right)
            zero = ir.Constant(vector_type, [0.0] * LANES)
            sums = [cgutils.alloca_once_value(builder, zero) for _ in range(LANES)]
            for cell in sums:
                builder.store(zero, cell)
            with cgutils.for_range_slice(builder, _INT(0), stride, _INT(LANES)) as (column, _):
                xs = [builder.load(place(builder, row, column), align=4) for row in lefts]
                ys = [builder.load(place(builder, row, column), align=4) for row in rights]
                pairs = [(x, y) for x in xs for y in ys]
                for (x, y), cell in zip(pairs, sums, strict=True):
                    builder.store(
                        call_vector(builder, "llvm.fmuladd.v16f32", [x, y, builder.load(cell)]), cell
                    )
            return _add_across(builder, [builder.load(cell) for cell in sums])

        return float16x(left, left_places, right, right_places, types.int64), generate

    return intrinsic(dots)


def _rows_at(builder: ir.IRBuilder, base: Any, places: Any, count: int) -> list[Any]:
    return [builder.gep(base, [builder.load(builder.gep(places, [_INT(i)]))]) for i in range(count)]


def _add_across(builder: ir.IRBuilder, vectors: list[Any]) -> Any:
    """The vector whose lane k is the sum of all lanes of vectors[k]: halves are added, then their halves."""
    for half in (8, 4, 2, 1):
        kept = [lane if not lane & half else LANES + lane - half for lane in range(LANES)]
        other = [lane + half if not lane & half else LANES + lane for lane in range(LANES)]
        masks = [ir.Constant(_INTS, mask) for mask in (kept, other)]
        vectors = [
            builder.fadd(*(builder.shuffle_vector(vectors[i], vectors[i + half], mask) for mask in masks))
            for i in range(half)
        ]
    return vectors[0]


dots_4_by_4 = _dots_of(4, 4)
dots_16_by_1 = _dots_of(16, 1)


def _spread_four(lanes: list[int], doc: str) -> Any:
    """An intrinsic that loads four floats and lays them out over sixteen lanes."""

    def spread(typing: Any, base: Any, offset: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            address = builder.bitcast(builder.gep(arguments[0], [arguments[1]]), _QUARTER.as_pointer())
            four = builder.load(address, align=4)
            return builder.shuffle_vector(
                four, ir.Constant(_QUARTER, ir.Undefined), ir.Constant(_INTS, lanes)
            )

        return float16x(base, types.int64), generate

    spread.__doc__ = doc
    return intrinsic(spread)


each_four_times = _spread_four([lane // 4 for lane in range(LANES)], "a a a a b b b b c c c c d d d d")
four_times_all = _spread_four([lane % 4 for lane in range(LANES)], "a b c d a b c d a b c d a b c d")


@intrinsic
def store_quarters(typing: Any, base: Any, offset: Any, step: Any, vector: Any) -> Any:
    """Write lanes 4 i to 4 i + 3 to base[offset + i * step:], for i = 0 to 3."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        base, offset, step, vector = arguments
        for i in range(4):
            lanes = ir.Constant(ir.VectorType(ir.IntType(32), 4), list(range(4 * i, 4 * i + 4)))
            four = builder.shuffle_vector(vector, ir.Constant(vector_type, ir.Undefined), lanes)
            address = builder.gep(base, [builder.add(offset, builder.mul(step, _INT(i)))])
            builder.store(four, builder.bitcast(address, _QUARTER.as_pointer()), align=4)
        return context.get_dummy_value()

    return types.void(base, types.int64, types.int64, float16x), generate
