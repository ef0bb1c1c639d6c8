"""The options of a reader."""

from __future__ import annotations

import pytest

from rowspace.errors import RecipeError
from rowspace.formats.options import ReadOptions, check_choice


def test_defaults_are_the_strict_ones():
    options = ReadOptions()
    assert (options.errors, options.duplicates, options.nonfinite, options.header) == (
        "strict", "error", "error", "check"
    )  # fmt: skip


def test_a_message_states_rule_and_value():
    with pytest.raises(RecipeError, match="limit must be at least 0, but is -1"):
        ReadOptions(limit=-1)
    with pytest.raises(RecipeError, match="errors must be one of a, b, but is 'c'"):
        check_choice("errors", "c", ("a", "b"))
