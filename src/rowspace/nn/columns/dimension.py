"""How many values a row of a column gets: a rule by the number of its categories, or what the user says."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from rowspace.errors import RecipeError
from rowspace.vocabulary.dimension_rules import deep_cross

Rule = Callable[[int], int]
Dims = Mapping[str, int] | Rule | int | None


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
