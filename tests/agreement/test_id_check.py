"""The check of ids in Numba against the reference, and the reference against what it promises."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rowspace import kernels

REFERENCE, CPU = kernels.load("id_check", "reference"), kernels.load("id_check", "cpu")


@settings(deadline=None, max_examples=60)
@given(
    arrays(np.int64, st.integers(0, 20), elements=st.integers(-(2**63), 2**63 - 1) | st.integers(-2, 9)),
    st.integers(0, 8) | st.integers(0, 2**62),
)
def test_agrees(ids: np.ndarray, num_rows: int) -> None:
    for given_ids in (ids, ids.astype(np.int32)):
        safe, fault = CPU.check_ids(given_ids, num_rows, 1)
        expected_safe, expected_fault = REFERENCE.check_ids(given_ids, num_rows, 1)
        np.testing.assert_array_equal(safe, expected_safe, strict=True)
        np.testing.assert_array_equal(fault, expected_fault, strict=True)


@pytest.mark.parametrize("kernel", [REFERENCE, CPU], ids=["reference", "cpu"])
def test_tells_how_many_are_outside_and_which_came_first(kernel: object) -> None:
    ids = np.array([0, 4, 5, -1], np.int32)
    ids.flags.writeable = False
    safe, fault = kernel.check_ids(ids, 5, 2)
    assert safe.tolist() == [0, 4, 2, 2]
    assert fault.tolist() == [2, 2, 5]
    assert safe.dtype == fault.dtype == np.int64


@pytest.mark.parametrize("kernel", [REFERENCE, CPU], ids=["reference", "cpu"])
def test_ids_that_are_all_inside_come_back_without_a_copy(kernel: object) -> None:
    ids = np.arange(5)
    safe, fault = kernel.check_ids(ids, 5, 0)
    assert safe is ids
    assert fault.tolist() == [0, -1, 0]
