"""Entries grouped by torch's sort against the reference."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.mark.parametrize(
    ("ids", "num_rows"),
    [
        ([], 5),
        ([3], 4),
        ([4, 1, 4, 0, 1, 4], 5),
        ([2, 2, 2], 3),
        ([2**31 - 1, 0, 2**31 - 1], 2**31),
        ([2**33 + 1, 1, 2**33 + 1, 2**32], 2**40),
    ],
)
def test_groups_agree(gpu, ids, num_rows):
    gpu.assert_agree("row_segments", "group_rows", np.array(ids, np.int64), num_rows)


def test_many_entries_agree(gpu):
    gpu.assert_agree("row_segments", "group_rows", np.random.default_rng(0).zipf(1.2, 3000) % 500, 500)
