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
WEIGHTS = {  # to start from: counts alone are weaker, and the wide models say nearly what the others say
    "subwords": 1.1,
    "skip-gram": 1.0,
    "counts": 0.3,
    "wide subwords": 0.7,
    "wide skip-gram": 0.7,
}

Recipe = Word2Vec | FastText | PPMI


@dataclass(frozen=True)
class Planned:
    """A model to train, and how long that should take."""

    name: str
    recipe: Recipe
    seconds: float
    shards: int = 1  # it is trained on the first of so many, where time is short of one epoch


def recipes(dim: int, tokens: int, seed: int) -> dict[str, Recipe]:
    """The models in the order of their worth, each with the settings that suit small corpora."""
    rules: dict[str, Any] = {"dim": dim, "subsample": 1e-4 if tokens >= 1_000_000 else 1e-3, "seed": seed}
    return {
        "subwords": sized(FastText(window=5, negatives=5, **rules), tokens),
        "skip-gram": sized(Word2Vec(window=10, negatives=10, **rules), tokens),
        "counts": PPMI(dim=dim, seed=seed),
        "wide subwords": sized(FastText(window=10, negatives=5, **(rules | {"seed": seed + 1})), tokens),
        "wide skip-gram": sized(Word2Vec(window=15, negatives=5, **(rules | {"seed": seed + 1})), tokens),
    }


def plan(wanted: Mapping[str, Recipe], epoch_seconds: Mapping[str, float], seconds: float) -> list[Planned]:
    """Fit models into `seconds`: fewer epochs where time is short, and then fewer models.

    The first is always there; what an epoch of each takes was measured. A model that is counted has no
    epochs, so it fits or does not.

    >>> wanted = recipes(50, 40_000_000, seed=1)
    >>> costs = dict.fromkeys(wanted, 20.0)
    >>> [(each.name, each.seconds) for each in plan(wanted, costs, 500)]
    [('subwords', 100.0), ('skip-gram', 100.0), ('counts', 20.0), ('wide subwords', 80.0)]
    >>> [(each.name, each.seconds, each.shards) for each in plan(wanted, costs, 25)]
    [('subwords', 10.0, 2)]
    """
    left, planned = TRAINING_SHARE * seconds, list[Planned]()
    for name, recipe in wanted.items():
        share = FIRST_SHARE if not planned and len(wanted) > 1 else 1.0
        fitting = int(max(0.0, share * left) // max(epoch_seconds[name], 1e-9))
        made = _fitted(name, recipe, epoch_seconds[name], fitting)
        if made is None and not planned:
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

    >>> usual_dim(500_000), usual_dim(17_000_000)
    (100, 200)
    """
    return 100 if tokens < 1_000_000 else 200


def least_count(tokens: int) -> int:
    """The occurrences that a key needs: in a large corpus rarer keys have too few to learn from.

    >>> [least_count(tokens) for tokens in (1_000, 200_000, 17_000_000)]
    [1, 2, 5]
    """
    return 1 if tokens < 100_000 else 2 if tokens < 1_000_000 else 5
