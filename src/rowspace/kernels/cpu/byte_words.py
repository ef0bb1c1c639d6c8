"""Bytes of an array as machine words: unaligned loads, and 64 comparisons as one integer.

Nothing here is bounds-checked: callers keep PADDING bytes after what they read.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic as numba_intrinsic

intrinsic: Any = numba_intrinsic  # numba types it by what the compiler passes, not by what callers pass
_BYTE = ir.IntType(8)
_WORD = ir.IntType(64)
_LANES = ir.VectorType(_BYTE, 64)


def _address(context: Any, builder: ir.IRBuilder, array_type: Any, array: Any, offset: Any) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.gep(data, [offset])


@intrinsic
def load_word(typing: Any, array: Any, offset: Any) -> Any:
    """Eight bytes of a byte array from `offset` on as one little-endian uint64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _address(context, builder, array, *arguments)
        return builder.load(builder.bitcast(address, _WORD.as_pointer()), align=1)

    return types.uint64(array, types.int64), generate


@intrinsic
def white_space_bits(typing: Any, array: Any, offset: Any) -> Any:
    """Bit i tells whether byte offset + i is ASCII white space: 9 to 13 and 32."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _address(context, builder, array, *arguments)
        lanes = builder.load(builder.bitcast(address, _LANES.as_pointer()), align=1)
        shifted = builder.sub(lanes, ir.Constant(_LANES, [9] * 64))
        control = builder.icmp_unsigned("<", shifted, ir.Constant(_LANES, [5] * 64))
        space = builder.icmp_unsigned("==", lanes, ir.Constant(_LANES, [32] * 64))
        return builder.bitcast(builder.or_(control, space), _WORD)

    return types.uint64(array, types.int64), generate


@intrinsic
def lowest_bit(typing: Any, bits: Any) -> Any:
    """The position of the lowest set bit of a uint64 that is not zero."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), generate


@intrinsic
def reverse_bytes(typing: Any, word: Any) -> Any:
    """The uint64 with its eight bytes in the other order."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bswap(arguments[0])

    return types.uint64(types.uint64), generate
