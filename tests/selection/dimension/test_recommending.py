"""The smallest dim within noise of the best, and what under- and over-fits."""

from __future__ import annotations

from rowspace.selection.dimension.recommending import ONE_FIT, margin, over_fitting, recommend
from rowspace.selection.dimension.sweep import Sweep


def told(cost):
    return f"cost {cost:.3f}"


def fitted(costs, seeds=1):
    return Sweep({dim: [0.0] * seeds for dim in costs}, {dim: [cost] * seeds for dim, cost in costs.items()})


def test_the_smallest_within_one_standard_error():
    found = Sweep({}, {2: [0.9, 0.9], 4: [0.51, 0.53], 8: [0.50, 0.52], 16: [0.52, 0.54], 32: [0.6, 0.6]})
    error = found.error_of_difference(4, 8)
    assert 0.01 < error < 0.02
    chosen = recommend(found, told)
    assert (chosen.dim, chosen.flat) == (4, (4, 8))
    assert "8 is the best with cost 0.510" in chosen.reason
    assert "4 the smallest" in chosen.reason


def test_a_lucky_small_dim_beyond_a_dip_is_not_taken():
    found = fitted({2: 0.5, 4: 0.9, 8: 0.499})
    assert recommend(found, told).flat == (8, 8)


def test_one_fit_each_counts_a_hundredth_as_equal():
    found = fitted({2: 0.5 * (1 + ONE_FIT) + 1e-4, 4: 0.5 * (1 + ONE_FIT) - 1e-4, 8: 0.5})
    assert margin(found, 4) == 0.005
    assert recommend(found, told).dim == 4


def test_many_fits_without_noise_take_the_best_itself():
    chosen = recommend(fitted({2: 0.501, 4: 0.5, 8: 0.5}, seeds=3), told)
    assert (chosen.dim, chosen.flat) == (4, (4, 8))
    assert "no smaller dim" in chosen.reason


def test_negative_costs_are_scores():
    assert recommend(fitted({2: -0.6, 4: -0.9, 8: -0.7}), told).dim == 4


def test_under_fitting_and_a_largest_dim_too_small_are_named():
    remarks = recommend(fitted({2: 0.9, 4: 0.8, 8: 0.5}), told).warnings
    assert any(remark.startswith("under-fitting below 8") for remark in remarks)
    assert any("try larger ones" in remark for remark in remarks)
    assert recommend(fitted({8: 0.5}), told).warnings == []


def test_over_fitting_needs_both_sides():
    dims, falling, rising = [2, 4, 8], [0.9, 0.5, 0.1], [0.9, 0.7, 0.8]
    assert over_fitting(dims, falling, rising, noise=0.05)[0].startswith(
        "over-fitting from 8 on: between 4 and 8"
    )
    assert over_fitting(dims, falling, rising, noise=0.2) == []
    assert over_fitting(dims, [0.9, 0.5, 0.6], rising, noise=0.05) == []
    assert over_fitting(dims, falling, falling, noise=0.0) == []
