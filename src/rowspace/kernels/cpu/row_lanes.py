"""Rows of any dim as vectors of sixteen floats, the last perhaps in part, and sums of rows.

`count` is what is left of a row: with sixteen or more a whole vector is read or written, with less only
that many lanes. Other memory is not touched, so rows may lie end to end and belong to different threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils

from rowspace.kernels.cpu.simd import (
    LANES,
    Pointer,
    Vector16,
    float16x,
    fma,
    intrinsic,
    load,
    place,
    prefetch,
    splat,
    splat_scalar,
    spread,
    store,
    vector_type,
)

CACHE_LINE = 16  # floats
LINES_AHEAD = 16  # of a row that are asked for; of longer rows the machine guesses the rest
_INT = ir.IntType(32)
_INTS = ir.VectorType(_INT, LANES)
_MASK = ir.VectorType(ir.IntType(1), LANES)


def _lanes_below(builder: ir.IRBuilder, count: Any) -> Any:
    """Emit the mask of the first `count` lanes; `count` is an int64 below sixteen."""
    numbers = ir.Constant(_INTS, list(range(LANES)))
    return builder.icmp_signed("<", numbers, splat_scalar(builder, builder.trunc(count, _INT), _INTS))


@intrinsic
def _load_part(typing: Any, base: Any, offset: Any, count: Any) -> Any:
    """The floats base[offset:offset + count] and zeros."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = place(builder, arguments[0], arguments[1])
        of_type = ir.FunctionType(vector_type, [address.type, _INT, _MASK, vector_type])
        function = cgutils.get_or_insert_function(builder.module, of_type, "llvm.masked.load.v16f32.p0")
        zeros = ir.Constant(vector_type, [0.0] * LANES)
        return builder.call(function, [address, _INT(4), _lanes_below(builder, arguments[2]), zeros])

    return float16x(base, types.int64, types.int64), generate


@intrinsic
def _store_part(typing: Any, base: Any, offset: Any, count: Any, vector: Any) -> Any:
    """Write the first `count` lanes to base[offset:]."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = place(builder, arguments[0], arguments[1])
        of_type = ir.FunctionType(ir.VoidType(), [vector_type, address.type, _INT, _MASK])
        function = cgutils.get_or_insert_function(builder.module, of_type, "llvm.masked.store.v16f32.p0")
        builder.call(function, [arguments[3], address, _INT(4), _lanes_below(builder, arguments[2])])
        return context.get_dummy_value()

    return types.void(base, types.int64, types.int64, float16x), generate


@njit(nogil=True, cache=True)
def load_up_to(base: Pointer, offset: int, count: int) -> Vector16:
    """The floats base[offset:offset + min(count, 16)], and zeros in the other lanes."""
    if count >= LANES:
        return load(base, offset)
    return _load_part(base, offset, count)


@njit(nogil=True, cache=True)
def store_up_to(base: Pointer, offset: int, count: int, vector: Vector16) -> None:
    """Write the first min(count, 16) lanes to base[offset:]."""
    if count >= LANES:
        store(base, offset, vector)
    else:
        _store_part(base, offset, count, vector)


@njit(nogil=True, cache=True)
def prefetch_row(base: Pointer, offset: int, dim: int) -> None:
    """Ask for the row of `dim` floats at base[offset], which no other thread uses."""
    for line in range(0, min(dim, LINES_AHEAD * CACHE_LINE), CACHE_LINE):
        prefetch(base, offset + line)


@intrinsic
def _prefetch_to_read(typing: Any, base: Any, offset: Any) -> Any:
    """Ask for the cache line of base[offset] without taking it from other threads; never faults."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = builder.bitcast(builder.gep(arguments[0], [arguments[1]]), ir.IntType(8).as_pointer())
        of_type = ir.FunctionType(ir.VoidType(), [address.type, _INT, _INT, _INT])
        function = cgutils.get_or_insert_function(builder.module, of_type, "llvm.prefetch.p0")
        builder.call(function, [address, _INT(0), _INT(3), _INT(1)])
        return context.get_dummy_value()

    return types.void(base, types.int64), generate


@njit(nogil=True, cache=True)
def prefetch_shared_row(base: Pointer, offset: int, dim: int) -> None:
    """Ask for the row of `dim` floats at base[offset], which other threads read too."""
    for line in range(0, min(dim, LINES_AHEAD * CACHE_LINE), CACHE_LINE):
        _prefetch_to_read(base, offset + line)


@njit(nogil=True, cache=True, forceinline=True)
def sum_entries_(
    x: Pointer,
    dim: int,
    rows: Pointer,
    factors: Pointer,
    weighted: bool,
    first: int,
    last: int,
    y: Pointer,
    target: int,
) -> None:
    """Write the sum of factors[e] * row rows[e] of `x`, e from first to last, to y[target:target + dim].

    Factors are one unless `weighted`. Four vectors of the sum stay in registers while the rows pass by. No
    row waits for another, so the machine itself has many of them on their way; to ask early gained nothing.
    """
    zero: Any = splat(np.float32(0))
    factor: Any = splat(np.float32(1))
    d = 0
    while dim - d >= 4 * LANES:
        s0, s1, s2, s3 = zero, zero, zero, zero
        for e in range(first, last):
            if weighted:
                factor = spread(factors, e)
            i = rows[e] * dim + d
            s0 = fma(factor, load(x, i), s0)
            s1 = fma(factor, load(x, i + LANES), s1)
            s2 = fma(factor, load(x, i + 2 * LANES), s2)
            s3 = fma(factor, load(x, i + 3 * LANES), s3)
        store(y, target + d, s0)
        store(y, target + d + LANES, s1)
        store(y, target + d + 2 * LANES, s2)
        store(y, target + d + 3 * LANES, s3)
        d += 4 * LANES
    while d < dim:
        s0 = zero
        for e in range(first, last):
            if weighted:
                factor = spread(factors, e)
            s0 = fma(factor, load_up_to(x, rows[e] * dim + d, dim - d), s0)
        store_up_to(y, target + d, dim - d, s0)
        d += LANES
