"""The rows that training starts from: random, or taken from a table where it knows the key."""

from __future__ import annotations

import numpy as np

from rowspace.arrays import RowIds, Vectors
from rowspace.errors import RecipeError, ShapeError
from rowspace.stores import Store
from rowspace.table import Table
from rowspace.training.growing.appending import words_of
from rowspace.training.matrices import Matrices
from rowspace.vocabulary import Words

ROWS_A_STEP = 65_536  # bounds the memory for rows drawn or taken at a time


def draw_(rows: Vectors, dim: int, rng: np.random.Generator) -> None:
    """Fill the first `dim` columns uniformly from (-1, 1) / dim, as gensim 4 does."""
    for start in range(0, len(rows), ROWS_A_STEP):
        part = rows[start : start + ROWS_A_STEP, :dim]
        part[:] = (2 * rng.random(part.shape, np.float32) - 1) / np.float32(dim)


def take_(matrices: Matrices, words: Words, initial: Table) -> int:
    """Take the rows of the keys that `initial` knows, and its context rows if it has any; return how many.

    Raises ShapeError for a table of another dim, RecipeError where a row taken is not finite.
    """
    if initial.dim != matrices.dim:
        raise ShapeError(
            f"initial rows must have the recipe's dim {matrices.dim}, but have {initial.dim}; "
            f"set dim={initial.dim} or choose another table"
        )
    taken = 0
    for start in range(0, len(words), ROWS_A_STEP):
        taken += _take_part_(matrices, words, initial, np.arange(start, min(start + ROWS_A_STEP, len(words))))
    _take_state_(matrices, words, initial)
    return taken


def _take_state_(matrices: Matrices, words: Words, initial: Table) -> None:
    """Take what the method keeps for each key, where `initial` was trained by the same one."""
    places = words_of(initial.vocabulary).find_all(words.keys)
    known = places >= 0
    for name, values in matrices.state.items():
        saved = initial.state.get(name)
        if saved is not None and len(values) == len(words) and len(saved) == len(initial):
            values[known] = saved[places[known]]


def _take_part_(matrices: Matrices, words: Words, initial: Table, targets: RowIds) -> int:
    """Take the rows `targets`, which follow one another."""
    bags = initial.vocabulary.rows_of(words.keys.take(targets), "zero")
    known = np.diff(bags.offsets) > 0
    context = _word_context(matrices, initial)
    for matrix, store in ((matrices.center, initial.store), (matrices.context, context)):
        if store is None:
            continue
        vectors = store.pool(bags)
        lost = known & ~np.isfinite(vectors).all(axis=1)
        if lost.any():
            key = words.keys[int(targets[np.argmax(lost)])]
            raise RecipeError(
                f"initial rows must be finite, but the row of {key!r} is not; remove such rows from the table"
            )
        matrix[targets[known], : matrices.dim] = vectors[known]
    return int(known.sum())


def _word_context(matrices: Matrices, initial: Table) -> Store | None:
    """The context rows of `initial` where both sides have one a word: a tree's nodes belong to its counts."""
    context = initial.context
    words = len(matrices.context) == len(matrices.center)
    return context if words and context is not None and context.shape == initial.store.shape else None
