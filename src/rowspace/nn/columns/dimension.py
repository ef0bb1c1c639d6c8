"""How many values a row of a column gets: rules by the number of its categories, or what the user says."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from rowspace.errors import RecipeError

Rule = Callable[[int], int]
Dims = Mapping[str, int] | Rule | int | None


def fourth_root(num_categories: int) -> int:
    """The fourth root, rounded up: few values, as Google's feature-column guide advises (2017).

    >>> fourth_root(42), fourth_root(100_000)
    (3, 18)
    """
    return max(1, math.ceil(math.pow(num_categories, 0.25)))


def deep_cross(num_categories: int) -> int:
    """Six fourth roots, the rule of Deep & Cross Networks (Wang et al. 2017).

    >>> deep_cross(42), deep_cross(100_000)
    (15, 107)
    """
    return max(1, round(6 * math.pow(num_categories, 0.25)))


def fastai(num_categories: int) -> int:
    """min(600, 1.6 n ** 0.56), the rule of fastai, found by trying many tables.

    >>> fastai(42), fastai(100_000)
    (13, 600)
    """
    return max(1, min(600, round(1.6 * math.pow(num_categories, 0.56))))


def rounded(rule: Rule) -> Rule:
    """`rule` rounded to the nearest power of two by ratio, so that many columns share few dims.

    All columns of one dim lie in one table and cost one lookup together.

    >>> [rounded(deep_cross)(count) for count in (2, 42, 1_000, 100_000)]
    [8, 16, 32, 128]
    """
    return lambda num_categories: 2 ** round(math.log2(rule(num_categories)))


DEFAULT_RULE = rounded(deep_cross)


def dims_of(dims: Dims, sizes: Mapping[str, int]) -> list[int]:
    """The dim of each column of `sizes`, its number of categories; RecipeError names the column at fault.

    A mapping gives the dims of the columns it names, and leaves the others to the default rule.
    """
    if isinstance(dims, Mapping):
        strange = [name for name in dims if name not in sizes]
        if strange:
            raise RecipeError(
                f"dims must name categorical columns, but {strange[0]!r} is none of {list(sizes)}"
            )
        chosen = [dims.get(name, DEFAULT_RULE(max(size, 1))) for name, size in sizes.items()]
    elif dims is None or callable(dims):
        rule = dims or DEFAULT_RULE
        chosen = [rule(max(size, 1)) for size in sizes.values()]
    else:
        chosen = [dims] * len(sizes)
    for name, dim in zip(sizes, chosen, strict=True):
        if isinstance(dim, bool) or not isinstance(dim, int) or dim < 1:
            raise RecipeError(f"the dim of column {name!r} must be a whole number from 1 on, but is {dim!r}")
    return chosen
