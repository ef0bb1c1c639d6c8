"""What regularizers take."""

from __future__ import annotations

import pytest

from rowspace.errors import RecipeError
from rowspace.nn.regularizers.ranges import not_negative


def test_numbers_from_zero_on_pass():
    assert (not_negative(0, "x"), not_negative(2.5, "x")) == (0.0, 2.5)


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf")])
def test_others_do_not(value: float):
    with pytest.raises(RecipeError, match="x must be a finite number of at least 0"):
        not_negative(value, "x")
