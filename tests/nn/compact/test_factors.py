"""Factors of sizes: their products, and how even they are."""

from __future__ import annotations

import math

import pytest

from rowspace.nn.compact.factors import even_factors, factors_covering


@pytest.mark.parametrize("count", [1, 2, 3, 5])
@pytest.mark.parametrize("number", [1, 2, 7, 24, 31, 100, 999, 2**31, 10**12 + 39])
def test_factors_cover_a_number_with_little_waste(number, count):
    factors = factors_covering(number, count)
    assert len(factors) == count
    assert math.prod(factors) >= number
    assert max(factors) - min(factors) <= 1
    assert math.prod(factors) // max(factors) * (max(factors) - 1) < number  # one less would not do


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("number", [*range(1, 40), 64, 96, 300, 768])
def test_even_factors_are_the_most_even_ones(number, count):
    factors = even_factors(number, count)
    assert len(factors) == count
    assert math.prod(factors) == number
    assert sum(factors) == min(map(sum, splits(number, count)))


def splits(number, count):
    """Every way to write a number as a product."""
    if count == 1:
        return [(number,)]
    return [
        (each, *rest)
        for each in range(1, number + 1)
        if number % each == 0
        for rest in splits(number // each, count - 1)
    ]
