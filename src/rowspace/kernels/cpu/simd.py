"""Sixteen floats as one Numba value, so that kernels say which numbers stay in registers.

Numba leaves vectorising to LLVM, which does not keep a tile of sums in registers when the sums live
in an array. Here ``Float16x`` is an LLVM vector of sixteen float32: one AVX-512 register, two of AVX2,
four of SSE or NEON; LLVM splits it where the machine has less.

Memory is named by plain pointers, taken once from arrays by `pointer`: an array handed to a function
that LLVM does not inline has its reference counted by an atomic addition, which took a quarter of the
time of the whole kernel. Nothing is bounds-checked, and a pointer does not keep its array alive: take
pointers only of arrays that the Python caller holds, and derive offsets from shapes.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic as numba_intrinsic
from numba.extending import models, register_model

intrinsic: Any = numba_intrinsic  # numba types it by what the compiler passes, not by what callers pass

LANES = 16
Pointer = Any  # what `pointer` gives: the address of the first of some numbers
Vector16 = Any  # sixteen floats


class Float16x(types.Type):
    """The Numba type of sixteen float32 in one vector."""

    def __init__(self) -> None:
        super().__init__(name="Float16x")


float16x = Float16x()
vector_type = ir.VectorType(ir.FloatType(), LANES)
_INTS = ir.VectorType(ir.IntType(32), LANES)
_BYTES = ir.VectorType(ir.IntType(8), LANES)


@register_model(Float16x)
class _Float16xModel(models.PrimitiveModel):
    def __init__(self, manager: Any, numba_type: Float16x) -> None:
        super().__init__(manager, numba_type, vector_type)


def place(builder: ir.IRBuilder, base: Any, offset: Any, vector: ir.VectorType = vector_type) -> Any:
    """The address of base[offset] as a pointer to a whole vector."""
    return builder.bitcast(builder.gep(base, [offset]), vector.as_pointer())


@intrinsic
def shifted(typing: Any, base: Any, offset: Any) -> Any:
    """The pointer to base[offset]."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.gep(arguments[0], [arguments[1]])

    return base(base, types.int64), generate


@intrinsic
def pointer(typing: Any, array: Any) -> Any:
    """The address of the first number of a contiguous array."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.make_array(array)(context, builder, arguments[0]).data

    return types.CPointer(array.dtype)(array), generate


def splat_scalar(builder: ir.IRBuilder, scalar: Any, vector: ir.VectorType = vector_type) -> Any:
    """Emit one number in all lanes."""
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), zeros)


def call_vector(builder: ir.IRBuilder, name: str, vectors: Any) -> Any:
    """Call an LLVM intrinsic from vectors to a vector; llvmlite cannot derive such names itself."""
    signature = ir.FunctionType(vector_type, [vector_type] * len(vectors))
    return builder.call(cgutils.get_or_insert_function(builder.module, signature, name), vectors)


@intrinsic
def load(typing: Any, base: Any, offset: Any) -> Any:
    """Sixteen floats, base[offset:offset + 16]; no alignment is needed."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(place(builder, *arguments), align=4)

    return float16x(base, types.int64), generate


@intrinsic
def load_bytes(typing: Any, base: Any, offset: Any) -> Any:
    """Sixteen int8, base[offset:offset + 16], as floats."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        numbers = builder.load(place(builder, arguments[0], arguments[1], _BYTES), align=1)
        return builder.sitofp(builder.sext(numbers, _INTS), vector_type)

    return float16x(base, types.int64), generate


@intrinsic
def store(typing: Any, base: Any, offset: Any, vector: Any) -> Any:
    """Write sixteen floats to base[offset:offset + 16]."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[2], place(builder, arguments[0], arguments[1]), align=4)
        return context.get_dummy_value()

    return types.void(base, types.int64, float16x), generate


@intrinsic
def prefetch(typing: Any, base: Any, offset: Any) -> Any:
    """Ask for the cache line of base[offset], to be written soon; never faults."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = builder.bitcast(builder.gep(arguments[0], [arguments[1]]), ir.IntType(8).as_pointer())
        integer = ir.IntType(32)
        function = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(ir.VoidType(), [address.type, integer, integer, integer]),
            "llvm.prefetch.p0",
        )
        builder.call(function, [address, integer(1), integer(3), integer(1)])
        return context.get_dummy_value()

    return types.void(base, types.int64), generate


@intrinsic
def splat(typing: Any, scalar: Any) -> Any:
    """One float32 in all sixteen lanes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return splat_scalar(builder, arguments[0])

    return float16x(types.float32), generate


@intrinsic
def spread(typing: Any, base: Any, offset: Any) -> Any:
    """The float base[offset] in all sixteen lanes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return splat_scalar(builder, builder.load(builder.gep(arguments[0], [arguments[1]])))

    return float16x(base, types.int64), generate


@intrinsic
def absolute(typing: Any, x: Any) -> Any:
    """The lanes without their signs."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return call_vector(builder, "llvm.fabs.v16f32", arguments)

    return float16x(float16x), generate


@intrinsic
def iota(typing: Any) -> Any:
    """0, 1, ... 15."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return ir.Constant(vector_type, [float(lane) for lane in range(LANES)])

    return float16x(), generate


@intrinsic
def fma(typing: Any, x: Any, y: Any, z: Any) -> Any:
    """Multiply and add, x * y + z, in one rounding where the machine can."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return call_vector(builder, "llvm.fmuladd.v16f32", arguments)

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
        high = splat_scalar(builder, bound)
        low = splat_scalar(builder, builder.fneg(bound))
        floored = builder.select(builder.fcmp_ordered(">", vector, low), vector, low)
        return builder.select(builder.fcmp_ordered("<", floored, high), floored, high)

    return float16x(float16x, types.float32), generate


@intrinsic
def power_of_two(typing: Any, whole: Any) -> Any:
    """2**whole for lanes that hold whole numbers in [-126, 127]: the exponent bits, written directly."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        integer = builder.fptosi(arguments[0], _INTS)
        biased = builder.add(integer, ir.Constant(_INTS, [127] * LANES))
        return builder.bitcast(builder.shl(biased, ir.Constant(_INTS, [23] * LANES)), vector_type)

    return float16x(float16x), generate


@intrinsic
def round_even(typing: Any, x: Any) -> Any:
    """Each lane rounded to the nearest whole number."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return call_vector(builder, "llvm.rint.v16f32", arguments)

    return float16x(float16x), generate


@intrinsic
def exponent(typing: Any, x: Any) -> Any:
    """The power of two in each positive lane, as a float: x = mantissa * 2**exponent."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        bits = builder.bitcast(arguments[0], _INTS)
        biased = builder.lshr(bits, ir.Constant(_INTS, [23] * LANES))
        return builder.sitofp(builder.sub(biased, ir.Constant(_INTS, [127] * LANES)), vector_type)

    return float16x(float16x), generate


@intrinsic
def mantissa(typing: Any, x: Any) -> Any:
    """Each positive lane divided by its power of two: a number in [1, 2)."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        bits = builder.bitcast(arguments[0], _INTS)
        fraction = builder.and_(bits, ir.Constant(_INTS, [0x7FFFFF] * LANES))
        one = ir.Constant(_INTS, [0x3F800000] * LANES)
        return builder.bitcast(builder.or_(fraction, one), vector_type)

    return float16x(float16x), generate


@intrinsic
def is_between(typing: Any, x: Any, low: Any, high: Any) -> Any:
    """One in the lanes where low <= x <= high, zero in the others."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        x, low, high = arguments
        above = builder.fcmp_ordered(">=", x, low)
        inside = builder.and_(above, builder.fcmp_ordered("<=", x, high))
        return builder.uitofp(inside, vector_type)

    return float16x(float16x, float16x, float16x), generate


@intrinsic
def holds(typing: Any, base: Any, offset: Any, value: Any) -> Any:
    """Whether `value` is among the sixteen int32 base[offset:offset + 16]."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        numbers = builder.load(place(builder, arguments[0], arguments[1], _INTS), align=4)
        equal = builder.icmp_signed("==", numbers, splat_scalar(builder, arguments[2], _INTS))
        bits = builder.bitcast(equal, ir.IntType(LANES))
        return builder.icmp_unsigned("!=", bits, ir.Constant(bits.type, 0))

    return types.boolean(base, types.int64, types.int32), generate


@intrinsic
def transpose(typing: Any, source: Any, start: Any, stride: Any, target: Any, offset: Any) -> Any:
    """Write the 16 x 16 square at `start` of rows `stride` apart, transposed, to target[offset:]."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        start, stride = arguments[1], arguments[2]
        rows = []
        for i in range(LANES):
            offset = builder.add(start, builder.mul(stride, ir.Constant(stride.type, i)))
            rows.append(builder.load(place(builder, arguments[0], offset), align=4))
        for half in (8, 4, 2, 1):  # swap the off-diagonal squares of side `half`, each half as large
            for i in (i for i in range(LANES) if not i & half):
                rows[i], rows[i + half] = _swap_squares(builder, rows[i], rows[i + half], half)
        for i, row in enumerate(rows):
            offset = builder.add(arguments[4], ir.Constant(stride.type, i * LANES))
            builder.store(row, place(builder, arguments[3], offset), align=4)
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
