"""The small matrix products of a block, as tiles of sums that never leave the registers.

A tile is written as LLVM instructions, one vector of sixteen sums for each of its rows and panels (a
panel is sixteen columns), because only so the sums are certain to stay in registers over the loop. A
tile of four rows and four panels loads half a vector for each multiply-add, where one row would load
two; on AVX-512 it fills half of the registers.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils

from rowspace.kernels.cpu.simd import LANES, Pointer, call_vector, intrinsic, place, splat_scalar, vector_type

TILE = 8  # output rows are padded to a multiple of this
_INT = ir.IntType(64)


def number(value: int) -> ir.Constant:
    """Emit a whole number."""
    return ir.Constant(_INT, value)


def summed(builder: ir.IRBuilder, first: Any, last: Any, num_rows: int, num_panels: int, terms: Any) -> Any:
    """Emit the loop over j in first..last: sums[i][p] += factor_i(j) * vector_p(j); return the sums.

    `terms(j)` emits the loads of a turn and returns its factors, already in all lanes, and vectors.
    """
    zero = ir.Constant(vector_type, [0.0] * LANES)
    sums = [[cgutils.alloca_once_value(builder, zero) for _ in range(num_panels)] for _ in range(num_rows)]
    for row in sums:
        for cell in row:
            builder.store(zero, cell)
    with cgutils.for_range_slice(builder, first, last, number(1)) as (j, _):
        factors, vectors = terms(j)
        for factor, row in zip(factors, sums, strict=True):
            for vector, cell in zip(vectors, row, strict=True):
                product = call_vector(builder, "llvm.fmuladd.v16f32", [factor, vector, builder.load(cell)])
                builder.store(product, cell)
    return [[builder.load(cell) for cell in row] for row in sums]


def load_panel(builder: ir.IRBuilder, base: Any, offset: Any) -> Any:
    """Emit the load of base[offset:offset + 16]."""
    return builder.load(place(builder, base, offset), align=4)


def _factor(builder: ir.IRBuilder, base: Any, offset: Any) -> Any:
    return splat_scalar(builder, builder.load(builder.gep(base, [offset])))


@intrinsic
def logits_(
    typing: Any, outputs: Any, rows: Any, tile: Any, transposed: Any, stride: Any, logits: Any
) -> Any:
    """Write logits[tile:tile + 8] (8, 16): eight output rows, at rows[tile:], times sixteen centers.

    `transposed` holds the centers column by column: (stride, 16).
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        outputs, rows, tile, transposed, stride, logits = arguments
        bases = [
            builder.gep(outputs, [builder.load(builder.gep(rows, [builder.add(tile, number(i))]))])
            for i in range(TILE)
        ]

        def terms(column: Any) -> Any:
            lanes = load_panel(builder, transposed, builder.mul(column, number(LANES)))
            return [_factor(builder, base, column) for base in bases], [lanes]

        for i, (total,) in enumerate(summed(builder, number(0), stride, TILE, 1, terms)):
            offset = builder.mul(builder.add(tile, number(i)), number(LANES))
            builder.store(total, place(builder, logits, offset), align=4)
        return context.get_dummy_value()

    return types.void(outputs, rows, types.int64, transposed, types.int64, logits), generate


def _products_of(num_rows: int, num_panels: int) -> Any:
    """A tile of `num_rows` x `num_panels` for `add_products_`."""

    def tile_(
        typing: Any, target: Any, rows: Any, factors: Any, step: Any, turn: Any, source: Any, places: Any,
        first: Any, last: Any, panel: Any,
    ) -> Any:  # fmt: skip
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            target, rows, factors, step, turn, source, places, first, last, panel = arguments

            def terms(j: Any) -> Any:
                row = builder.add(builder.load(builder.gep(places, [j])), panel)
                vectors = [
                    load_panel(builder, source, builder.add(row, number(p * LANES)))
                    for p in range(num_panels)
                ]
                start = builder.mul(j, turn)
                return [
                    _factor(builder, factors, builder.add(start, builder.mul(step, number(i))))
                    for i in range(num_rows)
                ], vectors

            for i, sums in enumerate(summed(builder, first, last, num_rows, num_panels, terms)):
                row = builder.add(builder.load(builder.gep(rows, [number(i)])), panel)
                for p, total in enumerate(sums):
                    address = place(builder, target, builder.add(row, number(p * LANES)))
                    builder.store(builder.fadd(builder.load(address, align=4), total), address, align=4)
            return context.get_dummy_value()

        numbers = [types.int64] * 2
        signature = types.void(target, rows, factors, *numbers, source, places, *numbers, types.int64)
        return signature, generate

    return intrinsic(tile_)


_four_by_four_ = _products_of(4, 4)
_four_by_three_ = _products_of(4, 3)
_four_by_two_ = _products_of(4, 2)
_four_by_one_ = _products_of(4, 1)


@njit(nogil=True, cache=True)
def add_products_(
    target: Pointer,
    rows: Pointer,
    factors: Pointer,
    step: int,
    turn: int,
    source: Pointer,
    places: Pointer,
    first: int,
    last: int,
    stride: int,
) -> None:
    """Add a product to four whole rows: target[rows[i]] += sum over j in first..last of f[i, j] source[j].

    f[i, j] is factors[i * step + j * turn]; source row j lies at places[j]. All are pointers.
    """
    panel = 0
    while stride - panel >= 4 * LANES:
        _four_by_four_(target, rows, factors, step, turn, source, places, first, last, panel)
        panel += 4 * LANES
    left = stride - panel
    if left == 3 * LANES:
        _four_by_three_(target, rows, factors, step, turn, source, places, first, last, panel)
    elif left == 2 * LANES:
        _four_by_two_(target, rows, factors, step, turn, source, places, first, last, panel)
    elif left == LANES:
        _four_by_one_(target, rows, factors, step, turn, source, places, first, last, panel)
