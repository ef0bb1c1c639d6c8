"""Models side by side: cosines add up, weights follow the score, principal axes keep products best."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.selection.best import combining
from rowspace.selection.best.combining import SideBySide, choose_weights
from rowspace.selection.best.postprocessing import units


@pytest.fixture
def members():
    rng = np.random.default_rng(4)
    return [units(rng.standard_normal((30, dim)).astype(np.float32)) for dim in (4, 6)]


def test_cosines_add_up_by_squared_weights(members):
    joined = SideBySide.of(members).weighed([1, 2])
    expected = sum(weight * each @ each.T for weight, each in zip((0.2, 0.8), members, strict=True))
    np.testing.assert_allclose(joined @ joined.T, expected, atol=1e-6)


@pytest.mark.parametrize("weights", [[1, 1], [1, 0.5], [0, 1]])
def test_principal_axes_keep_products_best(members, weights, monkeypatch):
    monkeypatch.setattr(combining, "ROWS_AT_A_TIME", 8)
    joint = SideBySide.of(members)
    left, values, _ = np.linalg.svd(joint.weighed(weights).astype(np.float64), full_matrices=False)
    expected = (left[:, :3] * values[:3] ** 2) @ left[:, :3].T
    found = joint.turned(weights, 3)
    np.testing.assert_allclose(found @ found.T, expected, atol=1e-5)


def test_fewer_columns_than_wanted_are_padded(members):
    found = SideBySide.of(members[:1]).turned([1], 7)
    assert found.shape == (30, 7)
    assert not found[:, 4:].any()
    np.testing.assert_allclose(found @ found.T, members[0] @ members[0].T, atol=1e-6)


def test_the_search_finds_the_one_member_that_scores(members):
    joint, wanted = SideBySide.of(members), members[0] @ members[0].T

    def score(weights):
        joined = joint.weighed(weights)
        return float(np.exp(-5 * np.abs(joined @ joined.T - wanted).mean()))

    weights = choose_weights([1, 1], score, lambda: False)
    assert weights[0] > 0 and weights[1] == 0


def test_chance_moves_no_weight():
    noise = iter(np.random.default_rng(0).uniform(0.5, 0.51, 100))
    assert choose_weights([1, 0.5], lambda weights: next(noise), lambda: False) == [1, 0.5]


def test_a_spent_budget_keeps_the_weights_to_start_from():
    assert choose_weights([1, 0.5], lambda weights: 0.0, lambda: True) == [1, 0.5]


def test_one_member_needs_no_search():
    def score(weights):
        raise AssertionError

    assert choose_weights([1.0], score, lambda: False) == [1.0]
