"""Range checks for hyper-parameters: the rule, what came, and the remedy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields
from numbers import Integral, Real
from typing import Any

from rowspace.errors import RecipeError


def check_integer(name: str, value: object, low: int, high: int | None = None) -> None:
    """Raise RecipeError unless `value` is a whole number in [low, high]; True and 5.0 are none.

    >>> check_integer("window", 0, 1)
    Traceback (most recent call last):
    rowspace.errors.RecipeError: window must be a whole number of at least 1, but is 0; the least is window=1
    """
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if whole and value >= low and (high is None or value <= high):  # type: ignore[operator]
        return
    span = f"of at least {low}" if high is None else f"from {low} to {high}"
    above = whole and value > low  # type: ignore[operator]
    nearest = f"the most is {name}={high}" if above else f"the least is {name}={low}"
    raise RecipeError(f"{name} must be a whole number {span}, but is {value!r}; {nearest}")


def check_real(name: str, value: object, low: float, high: float, *, above_low: bool = False) -> None:
    """Raise RecipeError unless `value` is a finite number in [low, high], or in (low, high]."""
    number = isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    if number and low <= value <= high and not (above_low and value == low):  # type: ignore[operator]
        return
    span = f"above {low:g} and at most {high:g}" if above_low else f"from {low:g} to {high:g}"
    raise RecipeError(f"{name} must be a number {span}, but is {value!r}; choose one in that range")


def check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    """Raise RecipeError unless `value` is one of `choices`."""
    if value not in choices:
        raise RecipeError(f"{name} must be one of {', '.join(choices)}, but is {value!r}; choose one of them")


def check_unused(recipe: Any, method: str, *names: str) -> None:
    """Raise RecipeError for a field among `names` that was set although `method` has no use for it."""
    for entry in fields(recipe):
        value = getattr(recipe, entry.name)
        if entry.name in names and value != entry.default:
            raise RecipeError(
                f"{entry.name} means nothing to {method}, but is {value!r}; leave it at {entry.default!r}"
            )
