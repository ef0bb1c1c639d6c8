"""The hash index in Numba: the same slots as ``reference.hash_index``, a hundred times faster."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from rowspace.arrays import Bytes, Offsets, RowIds, Slots
from rowspace.kernels.reference.hash_index import EMPTY, FNV_PRIME, FNV_START, capacity_for

Integer = int | np.integer[Any]

_START = np.uint64(FNV_START)
_PRIME = np.uint64(FNV_PRIME)
_HALF = np.uint64(32)
_ONE = np.uint64(1)


def build_index(data: Bytes, offsets: Offsets) -> tuple[Slots, int]:
    """Index every key; return the slots and the first position whose key came before, or -1."""
    slots = np.full(capacity_for(len(offsets) - 1), EMPTY, np.int32)
    return slots, _build_index(_frozen(data), _frozen(offsets), slots)


def find_keys(slots: Slots, data: Bytes, offsets: Offsets, wanted: Bytes, wanted_offsets: Offsets) -> RowIds:
    """The position of each wanted packed key, -1 where it is not indexed: int64 (wanted,)."""
    found = np.empty(len(wanted_offsets) - 1, np.int64)
    _find_keys(
        _frozen(slots), _frozen(data), _frozen(offsets), _frozen(wanted), _frozen(wanted_offsets), found
    )
    return found


def _frozen(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A read-only view: mapped arrays are read-only, and one kind of argument is compiled once."""
    view = array.view()
    view.flags.writeable = False
    return view


@njit(nogil=True, cache=True)
def _probe(
    slots: Slots, data: Bytes, offsets: Offsets, wanted: Bytes, start: Integer, length: Integer
) -> tuple[np.uint64, Integer]:
    """Where the search for wanted[start : start + length] ends, and the position found there or -1.

    As in the reference it is bounded and reads inside the arrays only, whatever a damaged file holds.
    """
    value = _START
    for i in range(start, start + length):
        value = (value ^ np.uint64(wanted[i])) * _PRIME
    num_keys, mask = len(offsets) - 1, np.uint64(len(slots) - 1)
    place = (value ^ (value >> _HALF)) & mask
    for _ in range(len(slots)):
        position = slots[place]
        if position == EMPTY:
            return place, -1
        if 0 <= position < num_keys and offsets[position + 1] - offsets[position] == length:
            first = offsets[position]
            if first >= 0 and first + length <= len(data) and _equal(data, first, wanted, start, length):
                return place, np.int64(position)
        place = (place + _ONE) & mask
    return place, -1


@njit(nogil=True, cache=True)
def _equal(data: Bytes, first: Integer, wanted: Bytes, start: Integer, length: Integer) -> bool:
    for i in range(length):  # noqa: SIM110
        if data[first + i] != wanted[start + i]:
            return False
    return True


@njit(nogil=True, cache=True)
def _build_index(data: Bytes, offsets: Offsets, slots: Slots) -> int:
    first_repeat = -1
    for position in range(len(offsets) - 1):
        start = offsets[position]
        place, found = _probe(slots, data, offsets, data, start, offsets[position + 1] - start)
        if found < 0:
            slots[place] = position
        elif first_repeat < 0:
            first_repeat = position
    return first_repeat


@njit(nogil=True, cache=True)
def _find_keys(
    slots: Slots, data: Bytes, offsets: Offsets, wanted: Bytes, wanted_offsets: Offsets, found: RowIds
) -> None:
    for i in range(len(found)):
        start = wanted_offsets[i]
        found[i] = _probe(slots, data, offsets, wanted, start, wanted_offsets[i + 1] - start)[1]
