"""Groups of bitwise equal rows."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.evaluation.geometry import duplicates
from rowspace.evaluation.geometry.duplicates import duplicate_groups
from rowspace.evaluation.geometry.scan import scan_rows
from rowspace.search.exact import ExactIndex
from rowspace.stores import DenseStore


def groups_of(rows):
    scan = scan_rows(ExactIndex(rows))
    return [group.tolist() for group in duplicate_groups(DenseStore(rows), scan.fingerprints, scan.directed)]


@pytest.mark.parametrize("floats", [1, 1 << 20])
def test_groups_are_those_of_a_dictionary_of_bytes(monkeypatch, floats):
    monkeypatch.setattr(duplicates, "FLOATS_IN_BLOCK", floats)
    rng = np.random.default_rng(5)
    rows = rng.standard_normal((40, 3)).astype(np.float32)[rng.integers(0, 40, 60)]
    expected: dict[bytes, list[int]] = {}
    for place, row in enumerate(rows):
        expected.setdefault(row.tobytes(), []).append(place)
    wanted = [group for group in expected.values() if len(group) > 1]
    assert len(wanted) > 3
    assert groups_of(rows) == sorted(wanted, key=lambda group: (-len(group), group[0]))


def test_zero_and_non_finite_rows_are_not_asked():
    rows = np.array([[0, 0], [0, 0], [np.nan, 1], [np.nan, 1], [1, 2]], np.float32)
    assert groups_of(rows) == []


def test_rows_of_one_fingerprint_that_differ_are_told_apart():
    rows = np.array([[1, 2], [3, 4], [1, 2]], np.float32)
    groups = duplicate_groups(DenseStore(rows), np.zeros(3, np.uint64), np.ones(3, np.bool_))
    assert [group.tolist() for group in groups] == [[0, 2]]


def test_no_rows():
    assert groups_of(np.zeros((0, 3), np.float32)) == []
    assert groups_of(np.zeros((3, 0), np.float32)) == []
