from __future__ import annotations

import numpy as np
import pytest

from rowspace import kernels


@pytest.mark.parametrize("device", ["reference", "cpu"])
def test_waiting_ends_when_the_flag_is_above_or_the_looks_are_used_up(device) -> None:
    wait_above = kernels.load("spinning", device).wait_above
    flags = np.array([3, 0], np.int64)
    assert wait_above(flags, 0, 2, 10)
    assert not wait_above(flags, 0, 3, 10)
    assert not wait_above(flags, 1, 0, 0)
