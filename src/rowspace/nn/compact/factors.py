"""Numbers as products of few even factors: the shapes of a tensor train."""

from __future__ import annotations

import math


def factors_covering(number: int, count: int) -> tuple[int, ...]:
    """`count` factors, as even as can be, whose product is `number` or a little more.

    >>> factors_covering(1_000, 3), factors_covering(17, 2), factors_covering(3, 3)
    ((10, 10, 10), (4, 5), (1, 2, 2))
    """
    factors: list[int] = []
    for left in range(count, 0, -1):
        rest = -(-number // math.prod(factors))
        factors.append(_ceil_root(rest, left))
    return tuple(sorted(factors))


def even_factors(number: int, count: int) -> tuple[int, ...]:
    """`count` factors, as even as can be, whose product is `number` itself.

    A number with a large prime factor has no even ones: 2 x 31 gives (1, 2, 31).

    >>> even_factors(64, 3), even_factors(100, 3), even_factors(62, 3)
    ((4, 4, 4), (4, 5, 5), (1, 2, 31))
    """
    if count == 1:
        return (number,)
    divisors = [each for each in range(1, number + 1) if number % each == 0]
    candidates = [sorted((each, *even_factors(number // each, count - 1))) for each in divisors]
    return tuple(min(candidates, key=sum))  # of numbers with one product, the most even have the least sum


def _ceil_root(number: int, degree: int) -> int:
    """The least whole number whose power `degree` is `number` or more."""
    root: int = max(1, round(number ** (1 / degree)))
    while root**degree < number:
        root += 1
    while root > 1 and (root - 1) ** degree >= number:
        root -= 1
    return root
