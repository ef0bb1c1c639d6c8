"""What a recipe takes where nothing is said: epochs by the size of the corpus, the rest by the model.

word2vec's 5 epochs at a rate of 0.025 leave the rows of a small corpus nearly as they started. Rows want
a number of updates, not of epochs; `benchmarks/defaults.py` measured how many, and its table is in
benchmarks/results/defaults.md.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from rowspace.training.run import Combine
from rowspace.training.window_recipe import WindowRecipe

TOKENS_WANTED = 40_000_000  # in all epochs
FEWEST, MOST = 5, 40  # epochs

Sized = TypeVar("Sized", bound=WindowRecipe)


def sized(recipe: Sized, tokens: int) -> Sized:
    """`recipe` with its epochs and its learning rate, where it has none, chosen for a corpus of `tokens`.

    >>> from rowspace.training import Word2Vec
    >>> [sized(Word2Vec(), tokens).epochs for tokens in (100_000, 4_000_000, 1_000_000_000)]
    [40, 10, 5]
    """
    epochs = recipe.epochs or min(MOST, max(FEWEST, round(TOKENS_WANTED / max(1, tokens))))
    return replace(recipe, epochs=epochs, learning_rate=recipe.learning_rate or usual_rate(recipe))


def usual_rate(recipe: WindowRecipe) -> float:
    """The learning rate of a model: a mean that divides its gradient among its rows moves each of them less.

    >>> from rowspace.training import Word2Vec
    >>> usual_rate(Word2Vec()), usual_rate(Word2Vec(model="cbow")), usual_rate(Word2Vec(loss="hierarchical"))
    (0.05, 0.2, 0.025)
    """
    if recipe.model == "cbow":
        rate = 0.2 if recipe.divided_gradient else 0.1
        return rate / 2 if recipe.loss == "hierarchical" else rate
    return 0.025 if recipe.loss == "hierarchical" else 0.05


def usual_combination(recipe: WindowRecipe) -> Combine:
    """The rows of a table: with CBOW center rows know means alone, and context rows what stands among them.

    The sum tells documents apart better (`benchmarks/defaults.py`).
    """
    return "sum" if recipe.model == "cbow" and recipe.loss == "negatives" else "center"
