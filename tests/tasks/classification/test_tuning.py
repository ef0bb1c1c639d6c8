"""The search for settings."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from rowspace.corpus.labelled import LabelledTexts, open_labelled
from rowspace.errors import CorpusError, DivergedError, RecipeError
from rowspace.tasks.classification import TextClassifier
from rowspace.tasks.classification.tuning import SPLITS, Search, splits_of

SMALL = TextClassifier(dim=8, epochs=2)


def search(score, start=SMALL, *, metric="accuracy", trials=60, seconds=60.0):
    """A search on no texts, in which `score` says what a recipe scores on the split of a number."""
    numbers: dict[int, int] = {}
    empty = LabelledTexts.from_pairs([("a", "x"), ("b", "y")])

    def splits(number):
        texts = replace(empty)
        numbers[id(texts)] = number
        kept.append(texts)
        return texts, texts

    kept: list[LabelledTexts] = []

    def fit(recipe, texts):
        number = numbers[id(texts)]
        return SimpleNamespace(evaluate=lambda _: SimpleNamespace(**{metric: score(recipe, number)}))

    found = Search(start, splits, metric=metric, fit=fit)
    return found.run(seconds=seconds, trials=trials, shows_progress=False)


def test_what_scores_best_is_found_and_luck_is_not():
    def score(recipe, number):
        luck = 1.0 if number == 0 and recipe.dim == 200 else 0.0
        return luck - abs(np.log(recipe.learning_rate / 0.1))

    found = search(score)
    assert 0.05 < found.recipe.learning_rate < 0.2
    assert found.score > found.score_before
    assert found.splits > 1
    assert found.trials == 60
    assert found.candidates < 60


def test_each_split_has_a_seed_of_its_own():
    seeds = set()

    def score(recipe, number):
        seeds.add((number, recipe.seed))
        return 0.5

    search(score)
    assert seeds == {(number, 1 + number) for number in range(len(seeds))}
    assert len(seeds) > 2


def test_low_log_loss_is_good():
    found = search(lambda recipe, number: abs(recipe.epochs - 20) / 10, metric="log_loss")
    assert found.score < found.score_before == 1.8
    assert "log_loss" in str(found)
    assert found.to_dict()["recipe"]["epochs"] == found.recipe.epochs


def test_nothing_better_leaves_the_recipe():
    assert search(lambda recipe, number: float(replace(recipe, seed=1) == SMALL)).recipe == SMALL


def test_what_diverges_is_the_worst():
    def score(recipe, number):
        if replace(recipe, seed=1) != SMALL:
            raise DivergedError("too fast")
        return 0.5

    assert search(score, trials=9).recipe == SMALL


def test_a_search_without_time_tries_what_it_began_with():
    found = search(lambda recipe, number: 0.5, seconds=0.0)
    assert (found.recipe, found.trials) == (SMALL, 1)


def test_fields_that_are_not_searched_stay(pairs):
    start = replace(SMALL, loss="one-vs-all", seed=7)
    found = start.tune(pairs, trials=6, threads=1, metric="f1")
    assert found.recipe.loss == "one-vs-all"
    assert found.recipe.seed == 7
    assert start.autotune(pairs, trials=2, threads=1, validation=pairs[:9]).loss == "one-vs-all"


def test_splits_test_on_each_text_once(pairs):
    data = open_labelled(pairs)
    split = splits_of(data, None, 1)
    tested = []
    for number in range(SPLITS):
        train, test = split(number)
        assert len(train) + len(test) == len(data)
        assert train.names == data.names
        tested += test.texts
    assert len(tested) == SPLITS * len(data) // 10
    train, test = splits_of(data, data, 1)(3)
    assert train is test is data


@pytest.mark.unchecked
def test_what_cannot_be_searched(pairs):
    with pytest.raises(RecipeError, match="minutes"):
        SMALL.autotune(pairs, minutes=0.0)
    with pytest.raises(RecipeError, match="metric must be one of accuracy"):
        SMALL.autotune(pairs, metric="purity")
    with pytest.raises(RecipeError, match="trials"):
        SMALL.autotune(pairs, trials=0)
    with pytest.raises(CorpusError, match="10 texts are needed"):
        SMALL.autotune(pairs[:5])
    with pytest.raises(CorpusError, match="two labels"):
        SMALL.autotune([("a", "x")] * 20)
    with pytest.raises(RecipeError, match="choose another metric"):
        replace(SMALL, loss="one-vs-all").autotune(pairs, metric="log_loss", trials=1, threads=1)
