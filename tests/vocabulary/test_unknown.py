"""The policy for unknown keys."""

from __future__ import annotations

import pytest

from rowspace.errors import RecipeError
from rowspace.vocabulary.unknown import check_policy


@pytest.mark.parametrize("policy", ["raise", "zero", "skip"])
def test_most_policies_need_nothing(policy: str) -> None:
    assert check_policy(policy, has_unknown_row=False) == policy


def test_unknown_needs_its_row() -> None:
    assert check_policy("unknown", has_unknown_row=True) == "unknown"
    with pytest.raises(RecipeError, match="needs a vocabulary with an unknown row"):
        check_policy("unknown", has_unknown_row=False)


def test_another_name_is_refused() -> None:
    with pytest.raises(RecipeError, match="must be one of raise, unknown, zero, skip, but is 'ignore'"):
        check_policy("ignore", has_unknown_row=True)
