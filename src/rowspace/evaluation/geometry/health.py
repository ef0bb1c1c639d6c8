"""Rows that hold nothing: zero, not finite, never trained, or twice there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rowspace.arrays import RowIds
from rowspace.evaluation.geometry.duplicates import duplicate_groups
from rowspace.evaluation.geometry.scan import Lengths, Mask, RowScan
from rowspace.stores import Store
from rowspace.table import Table

NAMED = 5  # keys of a fault that are named
GROUPS_NAMED = 5
SAME_LENGTH = 1e-6  # relative: lengths of float32 rows that were drawn or set alike


@dataclass(frozen=True)
class Fault:
    """How many rows have a fault, and the keys of the first few."""

    rows: int
    keys: list[str]


@dataclass(frozen=True)
class RowHealth:
    """The rows that a search, a sum or a model could stumble over."""

    not_finite: Fault  # a NaN or an infinity
    zero: Fault
    untrained: Fault  # every value within +-1/dim, where word2vec's rows start
    shortest: Fault  # share the smallest length above zero, exactly
    duplicates: Fault  # rows that repeat an earlier one bit by bit; zero rows are not asked
    groups: list[list[str]]  # the first keys of the largest groups of equal rows


def examine(table: Table, store: Store, scan: RowScan) -> RowHealth:
    """Find the faulty rows of `store`, one row a key, from what a scan of it left."""
    groups = duplicate_groups(store, scan.fingerprints, scan.directed)
    repeats = np.sort(np.concatenate([group[1:] for group in groups])) if groups else np.zeros(0, np.int64)
    return RowHealth(
        not_finite=_fault(table, np.flatnonzero(~scan.finite)),
        zero=_fault(table, np.flatnonzero(scan.finite & (scan.lengths == 0))),
        untrained=_fault(table, np.flatnonzero(within_start(scan.largest, scan.directed, store.shape[1]))),
        shortest=_fault(table, np.flatnonzero(alike_shortest(scan.lengths))),
        duplicates=_fault(table, repeats),
        groups=[_keys(table, group) for group in groups[:GROUPS_NAMED]],
    )


def within_start(largest: Lengths, directed: Mask, dim: int) -> Mask:
    """Which rows lie where training starts: no value beyond 1/dim.

    word2vec draws its rows from (-1/2, 1/2) / dim, fastText and gensim from (-1, 1) / dim, and a row that
    no update reached is still there. Nothing can be told where at least half of all rows are as short,
    or at dim 1.

    >>> within_start(np.array([0.2, 3.0, 4.0]), np.ones(3, bool), dim=4).tolist()
    [True, False, False]
    """
    inside: Mask = directed & (largest * dim <= 1)
    return inside if dim > 1 and 2 * inside.sum() < directed.sum() else np.zeros_like(inside)


def alike_shortest(lengths: Lengths) -> Mask:
    """Which rows share the smallest length above zero: rows that were set alike and never changed.

    None where only one row has it, or where at least half of the rows have it, as in a table whose rows
    were brought to length one.

    >>> alike_shortest(np.array([0.1, 0.1, 2.0, 3.0, 4.0])).tolist()
    [True, True, False, False, False]
    """
    positive = lengths[lengths > 0]
    nobody = np.zeros(len(lengths), np.bool_)
    if not len(positive):
        return nobody
    alike: Mask = (lengths > 0) & (lengths <= positive.min() * (1 + SAME_LENGTH))
    return alike if 2 <= alike.sum() < len(positive) / 2 else nobody


def _fault(table: Table, rows: RowIds) -> Fault:
    return Fault(len(rows), _keys(table, rows))


def _keys(table: Table, rows: RowIds) -> list[str]:
    return [table.keys[row] for row in rows[:NAMED].tolist()]
