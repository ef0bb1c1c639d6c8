"""Steps: a kernel bound to the rows it trains and the distributions it draws from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int32

from rowspace import kernels
from rowspace.arrays import Counts, Offsets, Rows, Stream, Values
from rowspace.table import Table
from rowspace.training.huffman import paths
from rowspace.training.loop import Step
from rowspace.training.matrices import Matrices, padded
from rowspace.training.sampling import alias_table, keep_thresholds, noise_weights
from rowspace.training.window_recipe import WindowRecipe


@dataclass(frozen=True, eq=False)
class Bags:
    """The center rows of each word, for the kernels; empty where word w is row w."""

    ids: Int32[np.ndarray, "bag_rows"]
    offsets: Offsets

    @classmethod
    def of(cls, rows: Rows) -> Bags:
        """The bags of a vocabulary, in half the memory."""
        return cls(rows.ids.astype(np.int32), rows.offsets)


PLAIN = Bags(np.empty(0, np.int32), np.empty(0, np.int64))


def num_outputs(recipe: WindowRecipe, num_words: int) -> int:
    """The context rows of a recipe: one a word, or the inner nodes of a tree over the words."""
    return max(1, num_words - 1) if recipe.loss == "hierarchical" else num_words


def state_of(recipe: WindowRecipe, initial: Table | None = None) -> Mapping[str, Values]:
    """What a recipe trains beside the two matrices: position vectors, all ones or those of `initial`."""
    if not recipe.position_weights:
        return {}
    positions = padded(2 * recipe.window, recipe.dim)
    positions[:, : recipe.dim] = 1
    saved = None if initial is None else initial.state.get("positions")
    if saved is not None and saved.shape == positions.shape:
        positions[:] = saved
    return {"positions": positions}


def step_of(recipe: WindowRecipe, matrices: Matrices, counts: Counts, bags: Bags = PLAIN) -> Step:
    """The step of a recipe's model and loss. `counts` are those of the words, not of their rows."""
    rows = [matrices.center, matrices.context, bags.ids, bags.offsets]
    drawn: list[np.ndarray] = [keep_thresholds(counts, recipe.subsample)]
    settings: dict[str, Any] = {"window": recipe.window, "fixed_window": recipe.fixed_window}
    if recipe.model == "cbow":
        settings["divided_gradient"] = recipe.divided_gradient
    if recipe.loss == "hierarchical":
        tree = paths(counts)
        drawn += [tree.nodes, tree.codes, tree.offsets]
        if recipe.model == "cbow":
            return _bound(kernels.load("cbow_hierarchical").cbow_hierarchical_, rows, drawn, settings)
        return _bound(kernels.load("skipgram_hierarchical").skipgram_hierarchical_, rows, drawn, settings)
    drawn += alias_table(noise_weights(counts, recipe.noise_exponent))
    settings["negatives"] = recipe.negatives
    if recipe.model == "cbow":
        none = np.empty((0, matrices.center.shape[1]), np.float32)
        rows.append(matrices.state.get("positions", none))
        return _bound(kernels.load("cbow").cbow_, rows, drawn, settings)
    return _bound(kernels.load("skipgram").skipgram_, rows, drawn, settings)


def _bound(
    kernel: Callable[..., tuple[float, float]],
    rows: Sequence[np.ndarray],
    drawn: Sequence[np.ndarray],
    settings: Mapping[str, Any],
) -> Step:
    """A kernel that takes the rows it moves, the span, what it draws from, and the settings."""

    def step(span: Stream, learning_rate: float, seed: int, position: int) -> tuple[float, float]:
        loss, pairs = kernel(
            *rows, span, *drawn, learning_rate=learning_rate, seed=seed, position=position, **settings
        )
        return float(loss), float(pairs)

    return step
