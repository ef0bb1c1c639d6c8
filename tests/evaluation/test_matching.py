"""When case is folded, and which row answers."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import RecipeError
from rowspace.evaluation.matching import folds_case, matching_rows
from rowspace.table import Table


def table_of(*keys):
    return Table.from_arrays(keys, np.ones((len(keys), 1), np.float32))


def test_case_is_folded_unless_one_key_in_a_hundred_has_a_capital():
    lower = [f"k{row}" for row in range(200)]
    assert folds_case(table_of(*lower), None, None)
    assert folds_case(table_of(*lower, "<UNK>"), None, None)
    assert not folds_case(table_of(*lower, "Paris", "Rom", "Ägypten"), None, None)
    assert folds_case(table_of(*lower, "Paris", "Rom", "Ägypten"), None, 200)
    assert folds_case(table_of(), None, None)


@pytest.mark.parametrize("decided", [True, False])
def test_the_caller_decides(decided):
    assert folds_case(table_of("Paris"), decided, None) is decided
    assert folds_case(table_of("paris"), decided, None) is decided


def test_the_first_of_several_forms_answers():
    table = table_of("b", "Paris", "paris", "PARIS", "a")
    assert matching_rows(table, ["paris", "zzz"], fold=True, limit=None) == {"paris": 1}
    assert matching_rows(table, ["paris", "Paris"], fold=False, limit=None) == {"Paris": 1, "paris": 2}
    assert matching_rows(table, ["a", "b"], fold=False, limit=4) == {"b": 0}


def test_limit_below_one():
    with pytest.raises(RecipeError, match="limit must be"):
        matching_rows(table_of("a"), ["a"], fold=False, limit=0)
