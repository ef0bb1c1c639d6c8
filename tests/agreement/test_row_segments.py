"""Entries grouped by row: the radix sort against NumPy's sort."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace import kernels

REFERENCE, CPU = kernels.load("row_segments", "reference"), kernels.load("row_segments", "cpu")


def few_rows(num_rows: int, count: int, seed: int = 0) -> np.ndarray:
    """Ids of which the small ones come again and again, and the largest one once."""
    rng = np.random.default_rng(seed)
    ids = np.minimum(rng.zipf(1.2, count), num_rows) - 1
    ids[count // 2 :: 7] = num_rows - 1
    return ids


CASES = {
    "none": (np.empty(0, np.int64), 9),
    "none of no rows": (np.empty(0, np.int64), 0),
    "one of one row": (np.array([0]), 1),
    "one": (np.array([5]), 9),
    "all equal": (np.full(3000, 77), 100),
    "all zero": (np.zeros(70, np.int64), 1),
    "each once": (np.random.default_rng(1).permutation(4096), 4096),
    "one digit": (few_rows(2048, 5000), 2048),
    "two digits": (few_rows(2049, 5000), 2049),
    "a digit that all share": (few_rows(1 << 10, 5000) + (3 << 20), 1 << 23),
    "more rows than int32": (few_rows(1 << 40, 5000), 1 << 40),
    "nearly too many to pack": (few_rows(1 << 51, 8192), 1 << 51),
    "too many to pack": (few_rows(1 << 51, 8193), 1 << 51),
    "the whole range of int64": (few_rows((1 << 63) - 1, 300), (1 << 63) - 1),
}


@pytest.mark.parametrize("case", CASES)
def test_groups_agree(case: str) -> None:
    ids, num_rows = CASES[case]
    before = ids.copy()
    for fast, specified in zip(
        CPU.group_rows(ids, num_rows), REFERENCE.group_rows(ids, num_rows), strict=True
    ):
        np.testing.assert_array_equal(fast, specified)
        assert fast.dtype == specified.dtype == np.int64
        assert fast.flags.c_contiguous
    np.testing.assert_array_equal(ids, before)


@pytest.mark.parametrize("module", [REFERENCE, CPU])
@pytest.mark.parametrize("case", CASES)
def test_a_group_holds_the_places_of_its_row_in_order(module, case: str) -> None:
    ids, num_rows = CASES[case]
    rows, starts, order = module.group_rows(ids, num_rows)
    assert starts[0] == 0
    assert starts[-1] == len(order) == len(ids)
    np.testing.assert_array_equal(rows, sorted(set(ids.tolist())))
    np.testing.assert_array_equal(ids[order], np.repeat(rows, np.diff(starts)))
    within = np.ones(len(ids), bool)
    within[starts[:-1]] = False
    assert (np.diff(order)[within[1:]] > 0).all()


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("largest", [1, 9, 4000])
def test_groups_name_the_bags_of_their_entries(case: str, largest: int) -> None:
    ids, num_rows = CASES[case]
    ends = np.minimum(np.cumsum(np.random.default_rng(3).integers(0, largest, len(ids) + 50)), len(ids))
    offsets = np.concatenate([[0], ends, [len(ids)]])
    bag_of = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    rows, starts, order = REFERENCE.group_rows(ids, num_rows)
    for module in (REFERENCE, CPU):
        grouped = module.group_bags(ids, offsets, num_rows)
        for found, wanted in zip(grouped, (rows, starts, bag_of[order]), strict=True):
            np.testing.assert_array_equal(found, wanted)
            assert found.dtype == np.int64


@pytest.mark.parametrize("module", [REFERENCE, CPU])
@pytest.mark.parametrize("parts", [1, 2, 3, 16])
def test_slices_cover_all_rows_and_cost_about_the_same(module, parts: int) -> None:
    starts = np.concatenate([[0], np.cumsum(np.random.default_rng(2).integers(1, 30, 4000))])
    for first in (0, 1000):
        ends = module.even_slices(starts[first:], parts, 3)
        assert ends.dtype == np.int64
        assert ends.shape == (parts + 1,)
        assert (ends[0], ends[-1]) == (0, 4000 - first)
        costs = np.diff(starts[first:][ends] + 3 * ends)
        assert costs.max() - costs.min() <= 2 * (30 + 3)


@pytest.mark.parametrize("module", [REFERENCE, CPU])
def test_a_row_with_half_of_the_entries_is_a_slice_of_its_own(module) -> None:
    starts = np.concatenate([[0], 9000 + np.arange(1001)])
    np.testing.assert_array_equal(module.even_slices(starts, 2, 1), [0, 1, 1001])


@pytest.mark.parametrize("module", [REFERENCE, CPU])
def test_a_row_counts_for_more_than_its_entries(module) -> None:
    sizes = np.concatenate([np.full(10, 100), np.ones(1000, np.int64)])
    starts = np.concatenate([[0], np.cumsum(sizes)])
    np.testing.assert_array_equal(module.even_slices(starts, 2, 0), [0, 10, 1010])
    ends = module.even_slices(starts, 2)
    assert 0.45 * 1010 < ends[1] < 0.5 * 1010


@pytest.mark.parametrize("module", [REFERENCE, CPU])
@pytest.mark.parametrize("starts", [[0], [7], [0, 5], [3, 3]])
def test_slices_of_few_rows_may_be_empty(module, starts: list[int]) -> None:
    ends = module.even_slices(np.array(starts), 4)
    assert len(ends) == 5
    assert (np.diff(ends) >= 0).all()
    assert (ends[0], ends[-1]) == (0, len(starts) - 1)
