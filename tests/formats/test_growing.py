"""A matrix that grows without doubling."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.formats.growing import GrowingRows


@pytest.mark.parametrize("expected", [0, 1, 100, 1000])
def test_rows_come_out_as_they_went_in(expected):
    vectors = np.random.default_rng(0).standard_normal((300, 5)).astype(np.float32)
    rows = GrowingRows(5, expected_rows=expected)
    for start in range(0, 300, 7):
        rows.append(vectors[start : start + 7])
    assert len(rows) == 300
    np.testing.assert_array_equal(rows.finish(), vectors)


def test_nothing_at_all_keeps_its_width():
    assert GrowingRows(300, expected_rows=10).finish().shape == (0, 300)


def test_chosen_rows_are_kept_in_place(monkeypatch):
    monkeypatch.setattr("rowspace.formats.growing.CHUNK_ROWS", 4)
    vectors = np.arange(60, dtype=np.float32).reshape(30, 2)
    rows = GrowingRows(2, expected_rows=30)
    rows.append(vectors)
    kept = np.flatnonzero(np.random.default_rng(0).random(30) < 0.6)
    rows.keep(kept)
    np.testing.assert_array_equal(rows.finish(), vectors[kept])
