"""The range of what regularizers take."""

from __future__ import annotations

import math

from rowspace.errors import RecipeError


def not_negative(value: float, name: str) -> float:
    """`value` if it is finite and at least 0, else RecipeError.

    >>> not_negative(-1, "strength")
    Traceback (most recent call last):
    rowspace.errors.RecipeError: strength must be a finite number of at least 0, but is -1; 0 does nothing
    """
    if not (math.isfinite(value) and value >= 0):
        raise RecipeError(f"{name} must be a finite number of at least 0, but is {value}; 0 does nothing")
    return float(value)
