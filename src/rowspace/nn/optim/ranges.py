"""Settings of a parameter group, checked."""

from __future__ import annotations

from typing import Any

from rowspace.errors import RecipeError


def at_least_zero(group: dict[str, Any], *names: str) -> None:
    """Raise RecipeError unless the group's settings of these names are numbers from 0 on."""
    for name in names:
        if not float(group[name]) >= 0:
            raise RecipeError(f"{name} must be a number from 0 on, but is {group[name]!r}")


def refuse(group: dict[str, Any], *names: str) -> None:
    """Raise RecipeError where a group, loaded from torch's optimizer perhaps, sets what is not offered."""
    for name in names:
        if group.get(name):
            raise RecipeError(f"{name} is not offered here, but is {group[name]!r}; leave it out")
