"""One trial: what is measured, and what is no model or no score."""

from __future__ import annotations

import time

import numpy as np
import pytest

from rowspace.errors import EvaluationError
from rowspace.selection.trial import Failure, run_trial
from rowspace.selection.variant import Variant

VARIANT = Variant("random trained", 4)


class Fixed:
    """A model of one score."""

    def __init__(self, score):
        self.value, self.seen = score, []

    def fit(self, train):
        self.seen.append(("fit", train))
        time.sleep(0.02)

    def score(self, data):
        self.seen.append(("score", data))
        return self.value


class Telling(Fixed):
    """It has all that a model may have."""

    def fit(self, train):
        super().fit(train)
        self.num_parameters = 7  # known once it is fitted

    def outcomes(self, data):
        self.seen.append(("outcomes", data))
        return self.value


def trial_of(model):
    return run_trial(lambda variant, seed: model, VARIANT, 3, "train", "test")


def test_a_model_with_fit_and_score_is_enough():
    model = Fixed(0.75)
    trial = trial_of(model)
    assert (trial.variant, trial.seed, trial.score) == (VARIANT, 3, 0.75)
    assert trial.outcomes is None
    assert trial.num_parameters is None
    assert trial.fit_seconds >= 0.02 > trial.score_seconds >= 0
    assert model.seen == [("fit", "train"), ("score", "test")]
    assert str(trial).startswith("random trained 4, seed 3: 0.7500, fitted in 0.0")


def test_parameters_and_outcomes_are_taken_where_there_are_any():
    model = Telling(1)
    model.outcomes = lambda data: [True, False, 1]
    trial = trial_of(model)
    assert trial.num_parameters == 7
    assert trial.outcomes.tolist() == [1, 0, 1]


def test_a_numpy_score():
    assert trial_of(Fixed(np.float32(0.5))).score == 0.5


@pytest.mark.parametrize("score", [float("nan"), -float("inf"), None, "0.5", np.array([0.5])])
def test_what_is_no_score(score):
    with pytest.raises(EvaluationError, match="a score must be a finite number, but score returned"):
        trial_of(Fixed(score))


@pytest.mark.parametrize("outcomes", [[], [[1.0]], [1.0, float("nan")], 3.0])
def test_what_are_no_outcomes(outcomes):
    model = Telling(1)
    model.outcomes = lambda data: outcomes
    with pytest.raises(EvaluationError, match="outcomes must be one finite number an example"):
        trial_of(model)


@pytest.mark.unchecked
def test_what_is_no_model():
    with pytest.raises(EvaluationError, match="a model with fit and score, but gave a dict"):
        trial_of({})


def test_a_failure_names_variant_seed_and_error():
    text = str(Failure(VARIANT, 3, KeyError("x")))
    assert text == "random trained 4 failed at seed 3: KeyError: 'x'"
