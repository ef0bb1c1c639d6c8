"""The protocol on models that are numbers: who is made, who is compared, who fails."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import EvaluationError, RecipeError
from rowspace.selection.ablation import ablate
from rowspace.selection.trial import Failure
from rowspace.selection.variant import Variant, standard_variants

FROZEN, TRAINED = Variant("random frozen", 4), Variant("random trained", 4)


class Coin:
    """Right as often as its kind says, on examples that its seed shifts."""

    made: list

    def __init__(self, variant, seed):
        self.variant, self.seed = variant, seed
        self.num_parameters = 10 * (variant.dim or 0)

    def fit(self, train):
        self.train = train

    def outcomes(self, data):
        share = 0.6 if self.variant.is_frozen else 0.8
        return np.random.default_rng(self.seed).random(len(data)) < share

    def score(self, data):
        return self.outcomes(data).mean()


class Scored(Coin):
    """It tells no outcomes."""

    outcomes = None

    def score(self, data):
        return 0.5 + self.seed / 100 + (0.1 if self.variant is TRAINED else 0)


def test_every_variant_is_fitted_on_train_and_scored_on_test_once_a_seed():
    made, told = [], []

    def make(variant, seed):
        made.append((variant, seed))
        return Coin(variant, seed)

    report = ablate(make, range(10), range(500), dims=[4], seeds=3, progress=told.append)
    variants = standard_variants(dims=[4])
    assert made == [(variant, seed) for seed in range(3) for variant in variants]
    assert [(trial.variant, trial.seed) for trial in told] == made
    assert list(report.results) == [str(variant) for variant in variants]
    assert report.seeds == (0, 1, 2)


def test_the_report_agrees_with_numpy():
    report = ablate(Coin, (), range(500), variants=[FROZEN, TRAINED], seeds=[5, 9])
    scores = [Coin(TRAINED, seed).score(range(500)) for seed in (5, 9)]
    result = report.results["random trained 4"]
    assert result.scores == pytest.approx(scores)
    assert result.mean == pytest.approx(np.mean(scores))
    assert result.spread == pytest.approx(np.std(scores, ddof=1))
    assert result.num_parameters == 40
    assert result.difference is None
    difference = report.results["random frozen 4"].difference
    assert difference.mean == pytest.approx(report.results["random frozen 4"].mean - np.mean(scores))
    assert difference.interval_examples[0] < difference.mean < difference.interval_examples[1] < 0
    assert difference.p_examples < 0.001
    assert difference.p_seeds == 0.5


def test_without_outcomes_only_seeds_are_compared():
    report = ablate(Scored, (), (), variants=[FROZEN, TRAINED])
    difference = report.results["random frozen 4"].difference
    assert (difference.p_seeds, difference.p_examples, difference.interval_examples) == (2 / 64, None, None)
    assert difference.mean == pytest.approx(-0.1)
    assert report.verdicts == (
        "random frozen 4 loses 0.1000 against random trained 4 (p = 0.031 over seeds)",
    )


def test_the_baseline_is_random_trained_of_the_tables_dim(table):
    assert ablate(Coin, (), range(9), table, dims=[4, 16], seeds=1).baseline == "random trained 8"
    assert ablate(Coin, (), range(9), dims=[4, 16], seeds=1).baseline == "random trained 16"
    assert ablate(Coin, (), range(9), variants=[FROZEN], seeds=1).baseline == "random frozen 4"
    report = ablate(Coin, (), range(9), variants=[FROZEN, TRAINED], baseline=FROZEN, seeds=1)
    assert report.results["random trained 4"].difference is not None


def test_a_variant_that_raises_is_named_and_the_rest_goes_on():
    def make(variant, seed):
        if variant == FROZEN and seed == 1:
            raise MemoryError("too large")
        return Coin(variant, seed)

    told = []
    report = ablate(make, (), range(50), variants=[FROZEN, TRAINED], seeds=4, progress=told.append)
    (failure,) = report.failures
    assert (failure.variant, failure.seed, type(failure.error)) == (FROZEN, 1, MemoryError)
    assert failure.error.__traceback__ is not None
    assert failure in told
    assert report.results["random frozen 4"].seeds == (0,)
    assert report.results["random frozen 4"].difference.num_seeds == 1
    assert report.results["random trained 4"].seeds == (0, 1, 2, 3)
    assert "random frozen 4 failed at seed 1: MemoryError: too large" in str(report)
    assert report.to_dict()["failures"] == ["random frozen 4 failed at seed 1: MemoryError: too large"]


def test_a_score_that_is_not_finite_is_a_failure():
    class Diverging(Scored):
        def score(self, data):
            return float("nan") if self.variant is FROZEN else 0.5

    report = ablate(Diverging, (), (), variants=[FROZEN, TRAINED], seeds=2)
    assert list(report.results) == ["random trained 4"]
    assert "a score must be a finite number" in str(report.failures[0])


def test_a_baseline_that_fails_leaves_results_without_differences():
    class NoBaseline(Scored):
        def fit(self, train):
            if self.variant is TRAINED:
                raise ValueError("no")

    report = ablate(NoBaseline, (), (), variants=[FROZEN, TRAINED], seeds=2)
    assert report.results["random frozen 4"].difference is None
    assert report.verdicts == ()
    assert "no differences: random trained 4, which is the baseline, has no score" in str(report)


def test_nothing_scored_at_all():
    with pytest.raises(
        EvaluationError, match=r"every variant failed, first: one-hot failed at seed 0: Zero"
    ) as told:
        ablate(lambda variant, seed: 1 // 0, (), ())
    assert isinstance(told.value.__cause__, ZeroDivisionError)


def test_outcomes_must_be_of_the_same_examples():
    class Shorter(Coin):
        def outcomes(self, data):
            return super().outcomes(data)[: 9 if self.variant is FROZEN else 8]

    report = ablate(Shorter, (), range(9), variants=[FROZEN, TRAINED], seeds=2)
    assert isinstance(report.failures[0], Failure)
    assert "outcomes must be one an example, 9 as before, but are 8" in str(report.failures[0])


def test_an_interruption_is_no_failure():
    def make(variant, seed):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ablate(make, (), ())


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        ({"variants": [FROZEN], "dims": [4]}, "table and dims mean nothing beside them"),
        ({"variants": []}, "one at least, with distinct names, but are none"),
        ({"variants": [FROZEN, Variant("random frozen", 4)]}, "distinct names"),
        ({"variants": [FROZEN], "baseline": TRAINED}, "baseline must be one of the variants"),
        ({"seeds": 0}, "seeds must be a whole number of at least 1"),
        ({"seeds": []}, "seeds must be one at least and distinct"),
        ({"seeds": [3, 3]}, "seeds must be one at least and distinct"),
        ({"dims": [0]}, "dim must be a whole number"),
    ],
)
def test_arguments_that_make_no_sense(arguments, rule):
    with pytest.raises(RecipeError, match=rule):
        ablate(Coin, (), range(9), **arguments)
