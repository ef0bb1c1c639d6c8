"""What a budget allows."""

from __future__ import annotations

import pytest

from rowspace.selection.best.plan import WEIGHTS, plan, recipes

COSTS = {"subwords": 20.0, "skip-gram": 10.0, "more subwords": 30.0, "more skip-gram": 9.0, "counts": 15.0}


def test_every_model_has_a_weight_to_start_from():
    assert set(WEIGHTS) == set(recipes(50, 1_000, seed=1))


@pytest.mark.parametrize("seconds", [0.001, 1, 10, 100, 1_000, 100_000])
def test_a_plan_keeps_the_budget_and_is_never_empty(seconds):
    planned = plan(recipes(50, 40_000_000, seed=1), COSTS, seconds)
    assert planned[0].name == "subwords"
    if seconds >= 10:
        assert sum(each.seconds for each in planned) <= seconds


def test_a_long_budget_gives_every_model_all_its_epochs():
    wanted = recipes(50, 1_000_000, seed=1)
    planned = plan(wanted, COSTS, 1e6)
    assert {each.name: each.recipe for each in planned} == wanted
    assert wanted["subwords"].epochs == 40


def test_more_time_never_gives_fewer_epochs():
    wanted = recipes(50, 1_000_000, seed=1)
    epochs = [plan(wanted, COSTS, seconds)[0].recipe.epochs for seconds in (1, 100, 1_000, 10_000)]
    assert epochs == sorted(epochs)


def test_no_time_left_still_trains_the_first():
    planned = plan(recipes(50, 1_000, seed=1), COSTS, -5.0)
    assert [each.recipe.epochs for each in planned] == [1]


def test_after_the_first_a_model_that_does_not_fit_is_left_out():
    assert plan(recipes(50, 1_000, seed=1), COSTS, 1.0, at_least_one=False) == []
    assert plan({}, COSTS, 1e6, at_least_one=False) == []
