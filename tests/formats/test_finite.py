"""Rows that are not finite, by the policy for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rowspace.errors import FormatError
from rowspace.formats.finite import ROWS_A_STEP, settle_values


def broken() -> np.ndarray:
    vectors = np.ones((ROWS_A_STEP + 9, 2), np.float32)
    for row in (3, 4, ROWS_A_STEP + 1):
        vectors[row, 1] = np.nan if row == 4 else np.inf
    return vectors


def settled(vectors: np.ndarray, nonfinite: str) -> int:
    return settle_values(Path("file"), vectors, nonfinite, name_of=lambda row: f"row {row}", offset=7)


def test_rows_are_cleared_kept_or_refused():
    vectors = broken()
    assert settled(vectors, "keep") == 0
    assert np.isnan(vectors[4, 1])
    with pytest.raises(FormatError, match=f"byte 7: .*row 3, row 4, row {ROWS_A_STEP + 1} hold NaN"):
        settled(vectors, "error")
    assert settled(vectors, "zero") == 3
    assert not vectors[[3, 4, ROWS_A_STEP + 1]].any()
    assert vectors.sum() == 2 * (ROWS_A_STEP + 6)
    assert settled(vectors, "error") == 0


def test_only_the_first_are_named():
    with pytest.raises(FormatError, match=r"row 4 \.\.\. hold"):
        settled(np.full((9, 1), np.nan, np.float32), "error")
