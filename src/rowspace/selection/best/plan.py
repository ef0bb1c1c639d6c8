"""Which models a budget of time allows, with settings for the size of the corpus."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from rowspace.training import PPMI, FastText, Word2Vec
from rowspace.training.size import sized

TRAINING_SHARE = 0.6  # of the time that is left; choosing and joining take the rest
FIRST_SHARE = 0.5  # of the training time that the first model may take: it leaves room for a second
WEIGHTS = {  # to start from; counts alone are weaker
    "subwords": 1.0,
    "skip-gram": 0.7,
    "more subwords": 1.0,
    "more skip-gram": 0.7,
    "counts": 0.3,
}

LARGEST_MODEL_DIM = 200

Recipe = Word2Vec | FastText | PPMI


@dataclass(frozen=True)
class Planned:
    """A model to train, and how long that should take."""

    name: str
    recipe: Recipe
    seconds: float
    shards: int = 1  # it is trained on the first of so many, where time is short of one epoch


def recipes(dim: int, tokens: int, seed: int) -> dict[str, Recipe]:
    """The models in the order of their worth, each with the settings that suit small corpora.

    A second seed of a model errs elsewhere, so the two together know more than either.
    """
    rules: dict[str, Any] = {"dim": dim, "subsample": 1e-4 if tokens >= 1_000_000 else 1e-3}
    found: dict[str, Recipe] = {}
    for prefix, own_seed in (("", seed), ("more ", seed + 1)):
        subwords = FastText(window=5, negatives=5, seed=own_seed, **rules)
        found[f"{prefix}subwords"] = sized(subwords, tokens)
        words = Word2Vec(window=10, negatives=10, seed=own_seed, **rules)
        found[f"{prefix}skip-gram"] = sized(words, tokens)
    return found | {"counts": PPMI(dim=dim, seed=seed)}


def plan(
    wanted: Mapping[str, Recipe],
    epoch_seconds: Mapping[str, float],
    seconds: float,
    *,
    at_least_one: bool = True,
) -> list[Planned]:
    """Fit models into `seconds`: fewer epochs where time is short, and then fewer models.

    What an epoch of each takes was measured. A model that is counted has no epochs, so it fits or does not.
    With `at_least_one` the first is there whether it fits or not, and leaves room for a second.

    >>> wanted = recipes(50, 40_000_000, seed=1)
    >>> costs = dict.fromkeys(wanted, 20.0)
    >>> [(each.name, each.seconds) for each in plan(wanted, costs, 500)]
    [('subwords', 100.0), ('skip-gram', 100.0), ('more subwords', 100.0)]
    >>> [(each.name, each.seconds, each.shards) for each in plan(wanted, costs, 25)]
    [('subwords', 10.0, 2)]
    """
    left, planned = TRAINING_SHARE * seconds, list[Planned]()
    for name, recipe in wanted.items():
        is_first = at_least_one and not planned
        share = FIRST_SHARE if is_first and len(wanted) > 1 else 1.0
        fitting = int(max(0.0, share * left) // max(epoch_seconds[name], 1e-9))
        made = _fitted(name, recipe, epoch_seconds[name], fitting)
        if made is None and is_first:
            made = _least(name, recipe, epoch_seconds[name], left)
        if made is not None:
            planned.append(made)
            left -= made.seconds
    return planned


def _fitted(name: str, recipe: Recipe, epoch_seconds: float, fitting: int) -> Planned | None:
    """The model with as many epochs as fit, or None where not one does."""
    if fitting < 1:
        return None
    if isinstance(recipe, PPMI):
        return Planned(name, recipe, epoch_seconds)
    epochs = min(recipe.epochs or 1, fitting)
    return Planned(name, replace(recipe, epochs=epochs), epochs * epoch_seconds)


def _least(name: str, recipe: Recipe, epoch_seconds: float, left: float) -> Planned:
    """One epoch over as much of the text as time allows."""
    shards = max(1, math.ceil(epoch_seconds / max(1.0, left)))
    short = recipe if isinstance(recipe, PPMI) else replace(recipe, epochs=1)
    return Planned(name, short, epoch_seconds / shards, shards)


def usual_dim(tokens: int) -> int:
    """Values in a vector for a corpus of so many tokens.

    >>> usual_dim(500_000), usual_dim(5_000_000), usual_dim(17_000_000)
    (100, 200, 600)
    """
    return 100 if tokens < 1_000_000 else 200 if tokens < 10_000_000 else 600


def model_dim(dim: int) -> int:
    """Values in the vectors of each model: several together fill more axes than one can learn."""
    return min(dim, LARGEST_MODEL_DIM)


def least_count(tokens: int) -> int:
    """The occurrences that a key needs: in a large corpus rarer keys have too few to learn from.

    >>> [least_count(tokens) for tokens in (1_000, 200_000, 17_000_000)]
    [1, 2, 5]
    """
    return 1 if tokens < 100_000 else 2 if tokens < 1_000_000 else 5
