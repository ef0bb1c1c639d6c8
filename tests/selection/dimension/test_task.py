"""A dimension chosen by the loss of a task."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import EvaluationError
from rowspace.selection.dimension import choose_dim_by, from_models


class Truncated:
    """A ridge regression on the first `dim` inputs: further ones are noise, which a larger dim learns too."""

    def __init__(self, dim, seed):
        self.dim = dim
        self.seed = seed

    def fit(self, train):
        x, y = self.columns(train)
        self.weights = np.linalg.lstsq(x, y, rcond=None)[0]

    def score(self, data):
        x, y = self.columns(data)
        return -float(np.mean((x @ self.weights - y) ** 2))

    def columns(self, data):
        kept = np.random.default_rng(self.seed).permutation(len(data[0]))[: len(data[0]) * 9 // 10]
        return data[0][kept, : self.dim], data[1][kept]


@pytest.fixture(scope="module")
def parts():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((260, 128))
    y = x[:, :16].sum(axis=1) + rng.standard_normal(260)
    return (x[:160], y[:160]), (x[160:], y[160:])


def test_the_true_dim_is_found_and_the_rest_named(parts):
    curve = choose_dim_by(from_models(Truncated, *parts), dims=[2, 4, 8, 16, 32, 64, 128], num_keys=42)
    assert curve.recommended == 16
    assert curve.dims == [2, 4, 8, 16, 32, 64]  # two dims in a row that are no better, one twice as large
    assert curve.rules["fourth root"] == 3
    assert any(remark.startswith("under-fitting below 16") for remark in curve.warnings)
    assert any(remark.startswith("over-fitting from 32 on") for remark in curve.warnings)
    assert curve.measures["training loss"] == sorted(curve.measures["training loss"], reverse=True)
    assert curve.deciding in curve.measures
    assert f"{curve.measures['validation loss'][3]:.4g}" in curve.reason


def test_losses_are_scores_with_the_sign_turned(parts):
    model = Truncated(4, 3)
    model.fit(parts[0])
    assert from_models(Truncated, *parts)(4, 3) == (-model.score(parts[0]), -model.score(parts[1]))


def test_one_dim_is_its_own_best():
    curve = choose_dim_by(lambda dim, seed: (0.1, 0.2), dims=[4])
    assert (curve.recommended, curve.flat, curve.warnings, curve.rules) == (4, (4, 4), [], {})


def test_a_loss_that_is_not_finite():
    with pytest.raises(EvaluationError, match="dim 2"):
        choose_dim_by(lambda dim, seed: (0.1, float("nan")), dims=[2, 4])
