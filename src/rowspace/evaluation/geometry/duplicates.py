"""Duplicate rows: equal bit by bit."""

from __future__ import annotations

import numpy as np

from rowspace.arrays import RowIds, Vectors
from rowspace.evaluation.geometry.bands import Members
from rowspace.evaluation.geometry.scan import Fingerprints, Mask
from rowspace.search.exact import FLOATS_IN_BLOCK
from rowspace.stores import Store


def duplicate_groups(store: Store, fingerprints: Fingerprints, candidates: Mask) -> list[Members]:
    """The rows of each group of bitwise equal rows, the largest group first, then by row.

    Rows whose fingerprint comes again are read once more and compared with the first of their group, so
    two different rows are never taken for equal. Only `candidates` are asked.

    >>> from rowspace.stores import DenseStore
    >>> store = DenseStore(np.array([[1, 2], [3, 4], [1, 2]], np.float32))
    >>> duplicate_groups(store, np.array([7, 8, 7], np.uint64), np.ones(3, bool))
    [array([0, 2])]
    """
    rows = np.flatnonzero(candidates)
    _, first, group, sizes = np.unique(
        fingerprints[rows], return_index=True, return_inverse=True, return_counts=True
    )
    again = sizes[group] > 1
    rows, heads = rows[again], rows[first[group[again]]]
    equal = _are_equal(store, rows, heads)
    rows, heads = rows[equal], heads[equal]
    order = np.argsort(heads, kind="stable")
    starts = np.flatnonzero(np.diff(heads[order], prepend=-1))
    groups = np.split(rows[order], starts[1:])
    return sorted((group for group in groups if len(group) > 1), key=lambda group: (-len(group), group[0]))


def _are_equal(store: Store, rows: RowIds, others: RowIds) -> Mask:
    """Whether each row holds the same bits as the other at its place, some megabytes at a time."""
    equal = np.zeros(len(rows), np.bool_)
    step = max(1, FLOATS_IN_BLOCK // max(1, store.shape[1]))
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        here, there = _bits(store.gather(rows[part])), _bits(store.gather(others[part]))
        equal[part] = (here == there).all(axis=1)
    return equal


def _bits(vectors: Vectors) -> np.ndarray[tuple[int, int], np.dtype[np.uint32]]:
    return np.ascontiguousarray(vectors).view(np.uint32)
