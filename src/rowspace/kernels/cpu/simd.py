"""Sixteen floats as one Numba value, so that kernels say which numbers stay in registers.

Numba leaves vectorising to LLVM, which does not keep a tile of sums in registers when the sums live
in an array. Here ``Float16x`` is an LLVM vector of sixteen float32: one AVX-512 register, two of AVX2,
four of SSE or NEON; LLVM splits it where the machine has less. Arrays are passed flat, offsets count
floats, and nothing is bounds-checked: callers derive offsets from shapes.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

LANES = 16


class Float16x(types.Type):
    """The Numba type of sixteen float32 in one vector."""

    def __init__(self) -> None:
        super().__init__(name="Float16x")


float16x = Float16x()
_VECTOR = ir.VectorType(ir.FloatType(), LANES)
_INTS = ir.VectorType(ir.IntType(32), LANES)


@register_model(Float16x)
class _Float16xModel(models.PrimitiveModel):
    def __init__(self, manager: Any, numba_type: Float16x) -> None:
        super().__init__(manager, numba_type, _VECTOR)


def _pointer(context: Any, builder: ir.IRBuilder, array_type: Any, array: Any, offset: Any) -> Any:
    """The address of a flat array's element as a pointer to a whole vector."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [offset]), _VECTOR.as_pointer())


def _splat(builder: ir.IRBuilder, scalar: Any, vector: ir.VectorType = _VECTOR) -> Any:
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), zeros)


def _call(builder: ir.IRBuilder, name: str, vectors: Any) -> Any:
    """Call an LLVM intrinsic from vectors to a vector; llvmlite cannot derive such names itself."""
    signature = ir.FunctionType(_VECTOR, [_VECTOR] * len(vectors))
    return builder.call(cgutils.get_or_insert_function(builder.module, signature, name), vectors)


@intrinsic
def load(typing: Any, array: Any, offset: Any) -> Any:
    """Sixteen floats of a flat array from `offset` on; no alignment is needed."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_pointer(context, builder, array, *arguments), align=4)

    return float16x(array, types.int64), generate


@intrinsic
def store(typing: Any, array: Any, offset: Any, vector: Any) -> Any:
    """Write sixteen floats into a flat array from `offset` on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        target = _pointer(context, builder, array, arguments[0], arguments[1])
        builder.store(arguments[2], target, align=4)
        return context.get_dummy_value()

    return types.void(array, types.int64, float16x), generate


@intrinsic
def prefetch(typing: Any, array: Any, offset: Any) -> Any:
    """Ask for the cache line of a flat array's element, to be written soon; never faults."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(array)(context, builder, arguments[0]).data
        address = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(8).as_pointer())
        integer = ir.IntType(32)
        function = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(ir.VoidType(), [address.type, integer, integer, integer]),
            "llvm.prefetch.p0",
        )
        builder.call(function, [address, integer(1), integer(3), integer(1)])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


@intrinsic
def splat(typing: Any, scalar: Any) -> Any:
    """One float32 in all sixteen lanes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _splat(builder, arguments[0])

    return float16x(types.float32), generate


@intrinsic
def spread(typing: Any, array: Any, offset: Any) -> Any:
    """One float of a flat array in all sixteen lanes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(array)(context, builder, arguments[0]).data
        return _splat(builder, builder.load(builder.gep(data, [arguments[1]])))

    return float16x(array, types.int64), generate


@intrinsic
def iota(typing: Any) -> Any:
    """0, 1, ... 15."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return ir.Constant(_VECTOR, [float(lane) for lane in range(LANES)])

    return float16x(), generate


@intrinsic
def fma(typing: Any, x: Any, y: Any, z: Any) -> Any:
    """Multiply and add, x * y + z, in one rounding where the machine can."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _call(builder, "llvm.fmuladd.v16f32", arguments)

    return float16x(float16x, float16x, float16x), generate


def _arithmetic(opcode: str, doc: str) -> Any:
    """An intrinsic of two vectors from the name of an IRBuilder method."""

    def operation(typing: Any, x: Any, y: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return getattr(builder, opcode)(*arguments)

        return float16x(float16x, float16x), generate

    operation.__doc__ = doc
    return intrinsic(operation)


add = _arithmetic("fadd", "The sum x + y, lane by lane.")
subtract = _arithmetic("fsub", "The difference x - y, lane by lane.")
multiply = _arithmetic("fmul", "The product x * y, lane by lane.")
divide = _arithmetic("fdiv", "The quotient x / y, lane by lane.")


@intrinsic
def clamp(typing: Any, x: Any, limit: Any) -> Any:
    """Each lane forced into [-limit, limit]; a NaN comes back as -limit."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector, bound = arguments
        high = _splat(builder, bound)
        low = _splat(builder, builder.fneg(bound))
        floored = builder.select(builder.fcmp_ordered(">", vector, low), vector, low)
        return builder.select(builder.fcmp_ordered("<", floored, high), floored, high)

    return float16x(float16x, types.float32), generate


@intrinsic
def power_of_two(typing: Any, whole: Any) -> Any:
    """2**whole for lanes that hold whole numbers in [-126, 127]: the exponent bits, written directly."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        integer = builder.fptosi(arguments[0], _INTS)
        biased = builder.add(integer, ir.Constant(_INTS, [127] * LANES))
        return builder.bitcast(builder.shl(biased, ir.Constant(_INTS, [23] * LANES)), _VECTOR)

    return float16x(float16x), generate


@intrinsic
def round_even(typing: Any, x: Any) -> Any:
    """Each lane rounded to the nearest whole number."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _call(builder, "llvm.rint.v16f32", arguments)

    return float16x(float16x), generate


@intrinsic
def exponent(typing: Any, x: Any) -> Any:
    """The power of two in each positive lane, as a float: x = mantissa * 2**exponent."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        bits = builder.bitcast(arguments[0], _INTS)
        biased = builder.lshr(bits, ir.Constant(_INTS, [23] * LANES))
        return builder.sitofp(builder.sub(biased, ir.Constant(_INTS, [127] * LANES)), _VECTOR)

    return float16x(float16x), generate


@intrinsic
def mantissa(typing: Any, x: Any) -> Any:
    """Each positive lane divided by its power of two: a number in [1, 2)."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        bits = builder.bitcast(arguments[0], _INTS)
        fraction = builder.and_(bits, ir.Constant(_INTS, [0x7FFFFF] * LANES))
        one = ir.Constant(_INTS, [0x3F800000] * LANES)
        return builder.bitcast(builder.or_(fraction, one), _VECTOR)

    return float16x(float16x), generate


@intrinsic
def is_between(typing: Any, x: Any, low: Any, high: Any) -> Any:
    """One in the lanes where low <= x <= high, zero in the others."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        x, low, high = arguments
        above = builder.fcmp_ordered(">=", x, low)
        inside = builder.and_(above, builder.fcmp_ordered("<=", x, high))
        return builder.uitofp(inside, _VECTOR)

    return float16x(float16x, float16x, float16x), generate


@intrinsic
def transpose(typing: Any, source: Any, start: Any, stride: Any, target: Any, offset: Any) -> Any:
    """Write the 16 x 16 square at `start` of rows `stride` apart, transposed, to target[offset:]."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        start, stride = arguments[1], arguments[2]
        rows = []
        for i in range(LANES):
            place = builder.add(start, builder.mul(stride, ir.Constant(stride.type, i)))
            rows.append(builder.load(_pointer(context, builder, source, arguments[0], place), align=4))
        for half in (8, 4, 2, 1):  # swap the off-diagonal squares of side `half`, each half as large
            for i in (i for i in range(LANES) if not i & half):
                rows[i], rows[i + half] = _swap_squares(builder, rows[i], rows[i + half], half)
        for i, row in enumerate(rows):
            place = builder.add(arguments[4], ir.Constant(stride.type, i * LANES))
            builder.store(row, _pointer(context, builder, target, arguments[3], place), align=4)
        return context.get_dummy_value()

    return types.void(source, types.int64, types.int64, target, types.int64), generate


def _swap_squares(builder: ir.IRBuilder, upper: Any, lower: Any, half: int) -> tuple[Any, Any]:
    """Exchange the right squares of the upper row with the left squares of the lower one."""
    first = [lane if not lane & half else LANES + lane - half for lane in range(LANES)]
    second = [lane + half if not lane & half else LANES + lane for lane in range(LANES)]
    masks = [ir.Constant(_INTS, mask) for mask in (first, second)]
    return tuple(builder.shuffle_vector(upper, lower, mask) for mask in masks)


@intrinsic
def total(typing: Any, x: Any) -> Any:
    """The sum of the sixteen lanes as float32, added in a fixed tree."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        lanes = [builder.extract_element(arguments[0], ir.IntType(32)(i)) for i in range(LANES)]
        while len(lanes) > 1:
            half = len(lanes) // 2
            lanes = [builder.fadd(lanes[i], lanes[i + half]) for i in range(half)]
        return lanes[0]

    return types.float32(float16x), generate
