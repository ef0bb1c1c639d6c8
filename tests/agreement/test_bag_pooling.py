"""Sums and greatest values of bags, and the gradients of their weights: the two kernels and a plain loop."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from rowspace import kernels

REFERENCE, CPU = kernels.load("bag_pooling", "reference"), kernels.load("bag_pooling", "cpu")
MODULES = pytest.mark.parametrize("module", [REFERENCE, CPU])
DIMS = pytest.mark.parametrize("dim", [0, 1, 3, 15, 16, 17, 64, 100, 300])
NUM_ROWS, NUM_BAGS = 60, 45
NO_COEFFICIENTS = np.empty(0, np.float32)


class Bags(NamedTuple):
    vectors: np.ndarray
    ids: np.ndarray
    offsets: np.ndarray
    coefficients: np.ndarray


def some_bags(dim: int, num_bags: int = NUM_BAGS) -> Bags:
    rng = np.random.default_rng(dim)
    sizes = rng.integers(0, 12, num_bags)
    sizes[: num_bags // 9] = 0
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    ids = rng.integers(0, NUM_ROWS, offsets[-1])
    vectors = rng.standard_normal((NUM_ROWS, dim)).astype(np.float32)
    return Bags(vectors, ids, offsets, rng.standard_normal(len(ids)).astype(np.float32))


def unset(bags: int, dim: int) -> np.ndarray:
    return np.full((bags, dim), 7, np.float32)


@DIMS
@MODULES
@pytest.mark.parametrize("weighted", [False, True])
def test_sums_of_bags_are_those_of_a_loop(module, dim: int, weighted: bool) -> None:
    vectors, ids, offsets, coefficients = some_bags(dim)
    factors = coefficients if weighted else np.ones_like(coefficients)
    out = unset(NUM_BAGS, dim)
    module.pool_bags_(vectors, ids, offsets, coefficients if weighted else NO_COEFFICIENTS, out)
    for bag in range(NUM_BAGS):
        places = range(offsets[bag], offsets[bag + 1])
        wanted = sum((factors[e] * vectors[ids[e]].astype(np.float64) for e in places), np.zeros(dim))
        np.testing.assert_allclose(out[bag], wanted, atol=1e-5)


@DIMS
def test_sums_without_coefficients_agree_to_the_bit(dim: int) -> None:
    vectors, ids, offsets, coefficients = some_bags(dim)
    sums = []
    for module, factors in (
        (REFERENCE, NO_COEFFICIENTS),
        (CPU, NO_COEFFICIENTS),
        (CPU, coefficients * 0 + 1),
    ):
        sums.append(unset(NUM_BAGS, dim))
        module.pool_bags_(vectors, ids, offsets, factors, sums[-1])
    assert sums[0].tobytes() == sums[1].tobytes() == sums[2].tobytes()


@MODULES
@pytest.mark.parametrize("dim", [3, 64])
def test_slices_of_bags_give_what_all_of_them_give(module, dim: int) -> None:
    vectors, ids, offsets, coefficients = some_bags(dim)
    whole, sliced = unset(NUM_BAGS, dim), unset(NUM_BAGS, dim)
    largest, places = unset(NUM_BAGS, dim), np.zeros((NUM_BAGS, dim), np.int64)
    module.pool_bags_(vectors, ids, offsets, coefficients, whole)
    module.max_of_bags_(vectors, ids, offsets, largest, places)
    some, found = np.empty_like(largest), np.empty_like(places)
    for a, b in ((0, 7), (7, 7), (7, 40), (40, NUM_BAGS)):
        module.pool_bags_(vectors, ids, offsets[a : b + 1], coefficients, sliced[a:b])
        module.max_of_bags_(vectors, ids, offsets[a : b + 1], some[a:b], found[a:b])
    assert whole.tobytes() == sliced.tobytes()
    assert largest.tobytes() == some.tobytes()
    assert places.tobytes() == found.tobytes()


@MODULES
@pytest.mark.parametrize("dim", [0, 5])
def test_no_bags_and_empty_bags(module, dim: int) -> None:
    vectors, nothing = np.ones((0, dim), np.float32), np.empty(0, np.int64)
    for bags in (0, 3):
        offsets, out = np.zeros(bags + 1, np.int64), unset(bags, dim)
        module.pool_bags_(vectors, nothing, offsets, NO_COEFFICIENTS, out)
        assert not out.any()
        out, places = unset(bags, dim), np.zeros((bags, dim), np.int64)
        module.max_of_bags_(vectors, nothing, offsets, out, places)
        assert not out.any()
        assert (places == -1).all()
    module.coefficient_gradients_(vectors, nothing, nothing, out, NO_COEFFICIENTS)


@DIMS
@MODULES
def test_the_greatest_value_of_a_bag_and_the_entry_that_holds_it(module, dim: int) -> None:
    vectors, ids, offsets, _ = some_bags(dim)
    vectors = np.round(vectors)  # many are equal
    out, places = unset(NUM_BAGS, dim), np.zeros((NUM_BAGS, dim), np.int64)
    module.max_of_bags_(vectors, ids, offsets, out, places)
    for bag in range(NUM_BAGS):
        rows = vectors[ids[offsets[bag] : offsets[bag + 1]]]
        for d in range(dim):
            values = rows[:, d].tolist()
            assert out[bag, d] == max(values, default=0)
            assert places[bag, d] == (offsets[bag] + values.index(max(values)) if values else -1)


@MODULES
def test_nan_and_infinity_pass_through(module) -> None:
    nan, inf = np.nan, np.inf
    vectors = np.array([[1, 2, 3, -inf], [nan, nan, inf, -inf], [5, nan, nan, -inf]], np.float32)
    ids, offsets = np.array([0, 1, 2]), np.array([0, 3])
    out, places = unset(1, 4), np.zeros((1, 4), np.int64)
    module.max_of_bags_(vectors, ids, offsets, out, places)
    np.testing.assert_array_equal(out[0], [nan, nan, nan, -inf])
    np.testing.assert_array_equal(places[0], [1, 1, 2, 0])
    module.pool_bags_(vectors, ids, offsets, NO_COEFFICIENTS, out)
    np.testing.assert_array_equal(out[0], [nan, nan, nan, -inf])
    module.pool_bags_(vectors, ids[:1], np.arange(2), np.array([nan], np.float32), out)
    assert np.isnan(out).all()


@DIMS
@MODULES
def test_gradients_of_coefficients_are_dot_products(module, dim: int) -> None:
    vectors, ids, offsets, _ = some_bags(dim)
    outputs = np.random.default_rng(9).standard_normal((NUM_BAGS, dim)).astype(np.float32)
    sources = np.repeat(np.arange(NUM_BAGS), np.diff(offsets))
    out = np.full(len(ids), 7, np.float32)
    module.coefficient_gradients_(vectors, ids, sources, outputs, out)
    wanted = (vectors[ids].astype(np.float64) * outputs[sources]).sum(axis=1)
    np.testing.assert_allclose(out, wanted, atol=1e-4)
