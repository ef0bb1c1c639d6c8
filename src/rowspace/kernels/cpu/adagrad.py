"""AdaGrad on sixteen values at a time, without a root in the usual case.

kernels/reference/glove.py says why rates are kept instead of sums: after a step s a rate is divided by
sqrt(1 + s**2), and s is small. Up to s**2 = 2**-8 three terms of the series are exact in float32.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types

from rowspace.kernels.cpu.simd import (
    LANES,
    Pointer,
    Vector16,
    call_vector,
    clamp,
    divide,
    float16x,
    fma,
    intrinsic,
    load,
    multiply,
    splat,
    splat_scalar,
    store,
    subtract,
)

SERIES_LIMIT = np.float32(2.0**-8)


@intrinsic
def any_above(typing: Any, x: Any, limit: Any) -> Any:
    """Whether a lane is above `limit`, or a NaN."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        above = builder.fcmp_unordered(">", arguments[0], splat_scalar(builder, arguments[1]))
        bits = builder.bitcast(above, ir.IntType(LANES))
        return builder.icmp_unsigned("!=", bits, ir.Constant(bits.type, 0))

    return types.boolean(float16x, types.float32), generate


@intrinsic
def square_root(typing: Any, x: Any) -> Any:
    """The square root of each lane."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return call_vector(builder, "llvm.sqrt.v16f32", arguments)

    return float16x(float16x), generate


@njit(nogil=True, cache=True)
def move_(
    values: Pointer, rates: Pointer, place: int, before: Vector16, step: Vector16, limit: np.float32
) -> None:
    """Move sixteen values, which are `before`, against `step`, clipped at `limit`; lower their rates."""
    rate = load(rates, place)
    taken = multiply(rate, clamp(step, limit))
    store(values, place, subtract(before, taken))
    square = multiply(taken, taken)
    if any_above(square, SERIES_LIMIT):
        lowered = divide(rate, square_root(fma(taken, taken, splat(np.float32(1)))))
    else:
        series = fma(square, splat(np.float32(3 / 8)), splat(np.float32(-1 / 2)))
        lowered = fma(multiply(rate, square), series, rate)
    store(rates, place, lowered)
