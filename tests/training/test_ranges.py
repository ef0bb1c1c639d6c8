"""Range checks: what is inside passes, what is outside names rule, value and remedy."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rowspace.errors import RecipeError
from rowspace.training.ranges import check_choice, check_integer, check_real


@pytest.mark.parametrize("value", [1, 7, 10, np.int32(3)])
def test_whole_numbers_in_range_pass(value):
    check_integer("window", value, 1, 10)


@pytest.mark.parametrize("value", [0, -1, 11, 5.0, True, "5", None, math.nan])
def test_other_values_are_refused_by_name(value):
    with pytest.raises(RecipeError, match=r"window must be a whole number from 1 to 10, but is"):
        check_integer("window", value, 1, 10)


def test_the_remedy_is_the_nearest_bound():
    with pytest.raises(RecipeError, match="the most is window=10"):
        check_integer("window", 11, 1, 10)
    with pytest.raises(RecipeError, match="the least is window=1"):
        check_integer("window", -4, 1)


@pytest.mark.parametrize("value", [0, 0.5, 1, np.float32(0.25)])
def test_numbers_in_range_pass(value):
    check_real("subsample", value, 0, 1)


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan, math.inf, "1", True, None])
def test_numbers_outside_are_refused(value):
    with pytest.raises(RecipeError, match="subsample must be a number from 0 to 1, but is"):
        check_real("subsample", value, 0, 1)


def test_an_open_lower_end_refuses_the_bound_itself():
    check_real("rate", 1e-30, 0, 1, above_low=True)
    with pytest.raises(RecipeError, match="above 0 and at most 1, but is 0"):
        check_real("rate", 0, 0, 1, above_low=True)


def test_a_choice_must_be_one_of_the_list():
    check_choice("unknown", "zero", ["zero", "skip"])
    with pytest.raises(RecipeError, match="unknown must be one of zero, skip, but is 'none'"):
        check_choice("unknown", "none", ["zero", "skip"])
