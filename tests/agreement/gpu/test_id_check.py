"""The check of ids in Triton against the reference."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.mark.parametrize("dtype", [np.int64, np.int32])
@pytest.mark.parametrize(
    ("ids", "num_rows"),
    [
        ([], 5),
        ([0, 4, 2], 5),
        ([0, 5, -1, 4, 7], 5),
        ([-(2**31), 2**31 - 1], 2**31 - 1),
        ([0], 0),
    ],
)
def test_checks_agree(gpu, ids, num_rows, dtype):
    gpu.assert_agree("id_check", "check_ids", np.array(ids, dtype), num_rows, 3)


@pytest.mark.parametrize("bad", [[], [700], [300, 1], [299, 298]])
def test_the_first_of_many_agrees(gpu, bad):
    ids = np.arange(701) % 9
    ids[bad] = -np.array(bad) - 2**40
    gpu.assert_agree("id_check", "check_ids", ids, 2**33, 0)


def test_many_blocks_agree(gpu, monkeypatch):
    monkeypatch.setattr(gpu.load("id_check"), "BLOCK", 2)
    for bad in ([], [8, 6], [0]):
        ids = np.arange(9)
        ids[bad] = 99
        gpu.assert_agree("id_check", "check_ids", ids, 9, 1)
