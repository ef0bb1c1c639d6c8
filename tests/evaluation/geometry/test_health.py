"""Faulty rows are counted, and the first of them named."""

from __future__ import annotations

import numpy as np

from rowspace.evaluation.geometry.health import alike_shortest, examine, within_start
from rowspace.evaluation.geometry.scan import scan_rows
from rowspace.search.exact import ExactIndex
from rowspace.table import Table


def health_of(vectors):
    table = Table.from_arrays([f"k{row}" for row in range(len(vectors))], vectors)
    return examine(table, table.store, scan_rows(ExactIndex(table.store)))


def test_each_fault_is_counted_and_named():
    rng = np.random.default_rng(6)
    vectors = rng.standard_normal((60, 8)).astype(np.float32)
    vectors[5:12] = 0
    vectors[20, 3] = np.nan
    vectors[30] = vectors[40] = vectors[25]
    vectors[50:53] = (2 * rng.random((3, 8)) - 1) / 8
    health = health_of(vectors)
    assert (health.zero.rows, health.zero.keys) == (7, ["k5", "k6", "k7", "k8", "k9"])
    assert (health.not_finite.rows, health.not_finite.keys) == (1, ["k20"])
    assert (health.duplicates.rows, health.duplicates.keys) == (2, ["k30", "k40"])
    assert health.groups == [["k25", "k30", "k40"]]
    assert (health.untrained.rows, health.untrained.keys) == (3, ["k50", "k51", "k52"])
    assert health.shortest.rows == 0


def test_a_sound_table_has_no_fault():
    health = health_of(np.random.default_rng(7).standard_normal((30, 8)).astype(np.float32))
    faults = (health.not_finite, health.zero, health.untrained, health.shortest, health.duplicates)
    assert [fault.rows for fault in faults] == [0] * 5
    assert health.groups == []


def test_a_table_of_short_rows_is_not_taken_for_untrained():
    rows = np.ones(5, np.bool_)
    assert not within_start(np.full(5, 0.01), rows, dim=4).any()
    assert not within_start(np.full(5, 0.01), rows, dim=1).any()
    assert within_start(np.array([0.25, 0.26, 1, 1, 1]), rows, dim=4).tolist() == [True] + [False] * 4


def test_rows_at_length_one_are_not_taken_for_untouched():
    assert not alike_shortest(np.ones(9)).any()
    assert not alike_shortest(np.zeros(0)).any()
    assert not alike_shortest(np.array([0, 0, 0, 1.0, 2.0])).any()
    assert alike_shortest(np.array([0, 0.5, 0.5, 1, 2, 3, 4])).tolist() == [False, True, True] + [False] * 4
