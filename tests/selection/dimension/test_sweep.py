"""Which dims are fitted, and how often."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rowspace.errors import EvaluationError, RecipeError
from rowspace.selection.dimension.sweep import Sweep, checked_dims, sweep

VALLEY = {1: 0.9, 2: 0.7, 4: 0.5, 8: 0.55, 16: 0.6, 32: 0.7, 64: 0.8}


def test_it_goes_upwards_and_ends_when_nothing_is_gained():
    asked = []

    def fit_at(dim, seed):
        asked.append((dim, seed))
        return 0.0, VALLEY[dim]

    found = sweep(fit_at, [64, 32, 16, 8, 4, 2, 1, 4], seeds=1)
    assert asked == [(1, 1), (2, 1), (4, 1), (8, 1), (16, 1)]
    assert found.dims == [1, 2, 4, 8, 16]
    assert found.best == 4


def test_close_steps_do_not_end_it_before_twice_the_best():
    costs = {10: 0.5, 11: 0.6, 12: 0.6, 13: 0.6, 21: 0.4, 30: 0.6}
    assert sweep(lambda dim, seed: (0.0, costs[dim]), list(costs), seeds=1).best == 21


def test_a_longer_patience_looks_further():
    costs = VALLEY | {32: 0.4}
    assert sweep(lambda dim, seed: (0.0, costs[dim]), list(costs), seeds=1).best == 4
    assert sweep(lambda dim, seed: (0.0, costs[dim]), list(costs), seeds=1, patience=3).best == 32


def test_only_dims_near_the_best_get_more_seeds():
    noise = np.random.default_rng(3).normal(0, 0.01, 1_000)
    costs = VALLEY | {8: 0.501}

    def fit_at(dim, seed):
        return 0.0, costs[dim] + noise[17 * dim % 97 + seed]

    found = sweep(fit_at, list(costs), seeds=2, most_seeds=6, seed=5)
    fits = {dim: len(values) for dim, values in found.validation.items()}
    assert fits[1] == fits[2] == fits[16] == 2
    assert fits[4] == fits[8] == 6


def test_no_more_seeds_where_there_is_no_noise():
    assert sweep(lambda dim, seed: (0.0, VALLEY[dim]), list(VALLEY), seeds=2).num_fits == 10


def test_spread_and_error_are_those_of_a_pooled_deviation():
    found = Sweep({}, {2: [1.0, 3.0], 4: [5.0, 6.0, 7.0]})
    assert found.spread == pytest.approx(math.sqrt((2 + 2) / 3))
    assert found.error_of_difference(2, 4) == pytest.approx(found.spread * math.sqrt(1 / 2 + 1 / 3))


@pytest.mark.parametrize("cost", [math.nan, math.inf])
@pytest.mark.parametrize("place", [0, 1])
def test_a_cost_that_is_not_finite_is_named(cost, place):
    costs = (0.5, cost) if place else (cost, 0.5)
    with pytest.raises(EvaluationError, match="at dim 4 with seed 7"):
        sweep(lambda dim, seed: costs if dim == 4 else (0.0, 1.0), [2, 4], seed=7)


@pytest.mark.parametrize("dims", [[], [0], [4, -1], [70_000]])
def test_dims_out_of_range(dims):
    with pytest.raises(RecipeError, match="dim"):
        checked_dims(dims)


@pytest.mark.parametrize("setting", [{"seeds": 0}, {"patience": 0}])
def test_settings_out_of_range(setting):
    with pytest.raises(RecipeError):
        sweep(lambda dim, seed: (0.0, 1.0), [2], **setting)
