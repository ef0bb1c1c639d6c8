"""What the recipes that slide a window over text share: Word2Vec and FastText."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Literal, get_args

from rowspace.errors import RecipeError
from rowspace.training.option import option
from rowspace.training.ranges import check_choice, check_integer, check_real, check_unused
from rowspace.training.run import Combine
from rowspace.vocabulary import Missing

Model = Literal["skipgram", "cbow"]
Loss = Literal["negatives", "hierarchical"]


@dataclass(frozen=True)
class WindowRecipe:
    """Their hyper-parameters, said once; no more than that. Only Word2Vec and FastText are built on it."""

    dim: int = option(100, "Values in a vector, 1 to 65536.")
    model: Model = option(
        "skipgram", "skipgram: a token predicts its neighbours; cbow: their mean predicts the token."
    )
    loss: Loss = option("negatives", "negatives: against noise rows; hierarchical: along a Huffman tree.")
    window: int = option(5, "Context tokens on each side; nearer ones count more.")
    fixed_window: bool = option(False, "Let all context tokens in the window count alike.")
    negatives: int = option(5, "Noise rows for each pair of center and context.")
    epochs: int | None = option(None, "Passes over the corpus. Default: 5 to 40, more for a smaller corpus.")
    min_count: int = option(5, "A key needs this many occurrences to get a row.")
    max_size: int | None = option(None, "Rows at most; the most frequent keys get them. Default: no limit.")
    subsample: float = option(1e-3, "Keys with a larger share of the corpus are thinned out; 0 keeps all.")
    learning_rate: float | None = option(
        None, "At the start; falls in a straight line. Default: what suits the model."
    )
    final_learning_rate: float = option(1e-4, "At the end; not above the learning rate.")
    noise_exponent: float = option(0.75, "A noise row is drawn in proportion to its count to this power.")
    divided_gradient: bool = option(
        True, "With cbow: divide the gradient of a mean among its rows; classic word2vec does not."
    )
    position_weights: bool = option(
        False, "With cbow: learn a vector for each place in the window that scales the token there."
    )
    combine: Combine | None = option(
        None,
        "The rows of the table: center, or its sum or mean with context. Default: sum for cbow, else center.",
    )
    seed: int = option(1, "Of every random draw; the same seed and one thread give the same rows.")
    unknown: Missing = option(
        "raise", "For unknown keys: raise, unknown (a row trained on all rare keys), zero or skip."
    )
    unknown_key: str = option("<unk>", "The name of the row for unknown keys, where unknown is 'unknown'.")


def check(recipe: WindowRecipe) -> None:
    """Raise RecipeError for a value out of range, or for two that contradict each other."""
    check_integer("dim", recipe.dim, 1, 65_536)
    check_integer("window", recipe.window, 1, 1_000)
    check_integer("negatives", recipe.negatives, 1, 1_000)
    if recipe.epochs is not None:
        check_integer("epochs", recipe.epochs, 1, 1_000_000)
    check_integer("min_count", recipe.min_count, 1)
    if recipe.max_size is not None:
        check_integer("max_size", recipe.max_size, 1)
    check_real("subsample", recipe.subsample, 0, 1)
    _check_rates(recipe)
    check_real("noise_exponent", recipe.noise_exponent, -10, 10)
    check_integer("seed", recipe.seed, 0, 2**64 - 1)
    check_choice("model", recipe.model, get_args(Model))
    check_choice("loss", recipe.loss, get_args(Loss))
    if recipe.combine is not None:
        check_choice("combine", recipe.combine, get_args(Combine))
    check_choice("unknown", recipe.unknown, get_args(Missing))
    if recipe.model == "skipgram":
        check_unused(recipe, "skip-gram", "divided_gradient", "position_weights")
    if recipe.loss == "hierarchical":
        # The context rows are then the nodes of a tree: they belong to no word, and there is no noise.
        check_unused(
            recipe, "hierarchical softmax", "negatives", "noise_exponent", "combine", "position_weights"
        )


def _check_rates(recipe: WindowRecipe) -> None:
    check_real("final_learning_rate", recipe.final_learning_rate, 0, sys.float_info.max)
    if recipe.learning_rate is None:
        return
    check_real("learning_rate", recipe.learning_rate, 0, sys.float_info.max, above_low=True)
    if recipe.final_learning_rate > recipe.learning_rate:
        raise RecipeError(
            f"the learning rate must not rise, but learning_rate is {recipe.learning_rate:g} and "
            f"final_learning_rate {recipe.final_learning_rate:g}; lower final_learning_rate"
        )
