from __future__ import annotations

from typing import Any

import pytest

from rowspace.errors import RecipeError
from rowspace.nn.columns.dimension import dims_of, rounded
from rowspace.vocabulary.dimension_rules import deep_cross, fastai, fourth_root

SIZES = {"sex": 2, "country": 42, "user": 100_000}


@pytest.mark.parametrize("rule", [fourth_root, deep_cross, fastai])
def test_rounded_rules_give_powers_of_two_at_most_a_root_of_two_away(rule: Any):
    for count in range(1, 3_000, 7):
        exact, near = rule(count), rounded(rule)(count)
        assert near & (near - 1) == 0
        assert exact / near < 2**0.5 + 1e-9
        assert near / exact < 2**0.5 + 1e-9


def test_default_rule_gives_few_dims():
    assert dims_of(None, SIZES) == [8, 16, 128]
    assert {dims_of(None, {"c": 2**power})[0] for power in range(21)} == {8, 16, 32, 64, 128, 256}


def test_dims_by_name_leave_the_others_to_the_rule():
    assert dims_of({"country": 5}, SIZES) == [8, 5, 128]


def test_one_dim_for_all_and_a_rule_of_ones_own():
    assert dims_of(7, SIZES) == [7, 7, 7]
    assert dims_of(lambda count: count // 2 or 1, {"sex": 2, "b": 9}) == [1, 4]
    assert dims_of(fastai, SIZES) == [2, 13, 600]


def test_an_empty_vocabulary_counts_as_one_category():
    assert dims_of(fastai, {"void": 0}) == [2]


@pytest.mark.parametrize(
    ("dims", "message"),
    [
        (0, "dim of column 'sex' must be a whole number from 1 on, but is 0"),
        ({"country": 2.5}, "dim of column 'country' must be a whole number from 1 on, but is 2.5"),
        (True, "dim of column 'sex' must be a whole number from 1 on, but is True"),
        (lambda count: -1, "dim of column 'sex' .* but is -1"),
        ({"land": 3}, "'land' is none of"),
    ],
)
@pytest.mark.unchecked
def test_impossible_dims_name_the_column(dims: Any, message: str):
    with pytest.raises(RecipeError, match=message):
        dims_of(dims, SIZES)
