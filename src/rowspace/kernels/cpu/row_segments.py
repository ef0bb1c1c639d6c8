"""Entries grouped by row with a radix sort: the twin of ``reference.row_segments``.

An id and its place (or bag) are packed into one number, so that a pass of the sort moves eight bytes an
entry. Places are in order already and are never sorted; ids take a pass for each BITS of their bits.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import UInt64
from numba import njit

from rowspace.arrays import Offsets, RowIds
from rowspace.kernels.reference import row_segments as reference
from rowspace.kernels.reference.row_segments import ROW_COST, Order, RowsOnce, SliceEnds, Starts

BITS = 11  # of a digit at most: 2048 counts fill half of the first-level cache
ONE = np.uint64(1)
NO_BAGS = np.empty(0, np.int64)
Pairs = UInt64[np.ndarray, "entries"]  # of an id and, in the low bits, its place or bag
Ends = UInt64[np.ndarray, "values"]  # of the pairs so far that have each value of a digit


def group_rows(ids: RowIds, num_rows: int) -> tuple[RowsOnce, Starts, Order]:
    """The distinct rows ascending, where their entries start, and the places of `ids` sorted stably by id."""
    bits = _bits_of(num_rows, len(ids))
    return _group(ids, NO_BAGS, *bits) if sum(bits) <= 64 else reference.group_rows(ids, num_rows)


def group_bags(ids: RowIds, offsets: Offsets, num_rows: int) -> tuple[RowsOnce, Starts, Order]:
    """As `group_rows`, but the third is the bag of each entry, not its place."""
    bits = _bits_of(num_rows, len(offsets) - 1)
    return _group(ids, offsets, *bits) if sum(bits) <= 64 else reference.group_bags(ids, offsets, num_rows)


def even_slices(starts: Starts, parts: int, row_cost: int = ROW_COST) -> SliceEnds:
    """Ends of `parts` slices of the rows that take about equal time: int64 (parts + 1,)."""
    return reference.even_slices(starts, parts, row_cost)


def _bits_of(num_rows: int, num_places: int) -> tuple[int, int]:
    """The bits of the largest row id and of the largest place, at least one each."""
    return max(num_rows - 1, 1).bit_length(), max(num_places - 1, 1).bit_length()


@njit(nogil=True, cache=True)
def _group(ids: RowIds, offsets: Offsets, id_bits: int, place_bits: int) -> tuple[RowsOnce, Starts, Order]:
    """Sort in the memory of two of the results, which are filled no further than pairs have been read."""
    num_entries = len(ids)
    rows = np.empty(num_entries, np.int64)
    starts = np.empty(num_entries + 1, np.int64)
    order = np.empty(num_entries, np.int64)
    pairs, spare = rows.view(np.uint64), starts[:num_entries].view(np.uint64)
    shift, places = np.uint64(place_bits), (ONE << np.uint64(place_bits)) - ONE
    _pair_(ids, offsets, shift, pairs)
    pairs = _sorted(pairs, spare, shift, id_bits)
    distinct, before = 0, np.int64(-1)
    for entry in range(num_entries):
        pair = pairs[entry]
        row = np.int64(pair >> shift)
        order[entry] = np.int64(pair & places)
        rows[distinct], starts[distinct] = row, entry  # the next row overwrites them unless this one is new
        distinct += row != before
        before = row
    starts[distinct] = num_entries
    return rows[:distinct], starts[: distinct + 1], order


@njit(nogil=True, cache=True)
def _pair_(ids: RowIds, offsets: Offsets, shift: np.uint64, pairs: Pairs) -> None:
    """Write each id with its bag, or where there are no bags with its place."""
    if len(offsets) == 0:
        for entry in range(len(ids)):
            pairs[entry] = np.uint64(ids[entry]) << shift | np.uint64(entry)
    for bag in range(len(offsets) - 1):
        for entry in range(offsets[bag], offsets[bag + 1]):
            pairs[entry] = np.uint64(ids[entry]) << shift | np.uint64(bag)


@njit(nogil=True, cache=True)
def _sorted(pairs: Pairs, spare: Pairs, shift: np.uint64, id_bits: int) -> Pairs:
    """The pairs in order of their ids, stably; they are in `pairs` or in `spare`."""
    num_digits = -(-id_bits // BITS)
    digit_bits = np.uint64(-(-id_bits // num_digits))
    mask = (ONE << digit_bits) - ONE
    ends = np.empty(1 << digit_bits, np.uint64)
    for _ in range(num_digits):
        if _find_ends_(pairs, shift, mask, ends):
            _scatter_(pairs, shift, mask, ends, spare)
            pairs, spare = spare, pairs
        shift += digit_bits
    return pairs


@njit(nogil=True, cache=True)
def _find_ends_(pairs: Pairs, shift: np.uint64, mask: np.uint64, ends: Ends) -> bool:
    """Write where the pairs with each value of a digit begin; return whether the digit has several values."""
    ends[:] = 0
    for entry in range(len(pairs)):
        ends[(pairs[entry] >> shift) & mask] += ONE
    total = np.uint64(0)
    differ = ends.max() < np.uint64(len(pairs))
    for value in range(len(ends)):
        total, ends[value] = total + ends[value], total
    return differ


@njit(nogil=True, cache=True)
def _scatter_(pairs: Pairs, shift: np.uint64, mask: np.uint64, ends: Ends, spare: Pairs) -> None:
    """Write the pairs to `spare`, each to the end of those with its digit."""
    for entry in range(len(pairs)):
        pair = pairs[entry]
        value = (pair >> shift) & mask
        end = ends[value]
        ends[value] = end + ONE
        spare[end] = pair
