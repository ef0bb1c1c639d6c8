"""Go on training a finished table on new text, with the keys that the text brings."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np

from rowspace.errors import RecipeError
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.training.fasttext import FastText
from rowspace.training.growing.appending import words_of
from rowspace.training.growing.growth import Grown
from rowspace.training.growing.growth import grow as grow_table
from rowspace.training.growing.new_rows import Origin
from rowspace.training.recipes import recipe_from_json


def continue_training(
    table: Table,
    corpus: Any,
    *,
    recipe: Any = None,
    grow: bool = True,
    rows: Origin | Table | None = None,
    **changes: Any,
) -> Grown:
    """Train the rows of `table` further on `corpus`, after growing by its new keys; `table` stays as it is.

    Rows, and context rows if the table has them, are the start. Train with context=True what is to be
    continued: context rows that start at zero cost the old rows some of what they know.

    Sub-sampling and noise go by the counts of the new text alone, since its pairs are what is learned: noise
    by older counts would push apart what this text never shows. The counts of the table are then those
    of both texts.

    Args:
        table: As a recipe's `fit` made it, or any other with `recipe`.
        corpus: Whatever open_corpus takes, more than once: growing reads it and training reads it.
        recipe: How to train; by default as the table was trained, by table.metadata["recipe"].
        grow: Whether to add the keys that occur min_count times, up to the recipe's max_size.
        rows: Where their rows come from, as for rowspace.training.grow.
        changes: Fields of the recipe to change (epochs=1, learning_rate=0.01), and the options of `fit`.

    Returns the table with the report of its growth. Raises what `grow` and `fit` raise, and RecipeError
    where the table has no recipe.

    >>> from rowspace.training import Word2Vec
    >>> old = Word2Vec(dim=8, min_count=1).fit(["a rose is a rose"] * 50, context=True, threads=1)
    >>> new = continue_training(old, ["a tulip is a tulip"] * 50, epochs=2, threads=1)
    >>> list(new.table.keys), new.table.counts.tolist(), list(new.report.added)
    (['a', 'rose', 'is', 'tulip'], [200, 100, 100, 100], ['tulip'])
    """
    recipe = recipe or _recorded(table)
    names = {field.name for field in fields(recipe)}
    recipe = replace(recipe, **{name: value for name, value in changes.items() if name in names})
    options = {name: value for name, value in changes.items() if name not in names}
    grown = grow_table(
        _as_trained(table, recipe),
        None if grow else [],
        corpus=corpus,
        min_count=recipe.min_count,
        max_size=recipe.max_size,
        rows=rows,
        seed=recipe.seed,
        threads=options.get("threads"),
    )
    vocabulary = grown.table.vocabulary
    if not isinstance(recipe, FastText):
        vocabulary = words_of(vocabulary)
    trained = recipe.fit(corpus, initial=grown.table, vocabulary=vocabulary, **options)
    before = [*table.metadata.get("before", []), {k: v for k, v in table.metadata.items() if k != "before"}]
    return replace(grown, table=replace(trained, metadata={**trained.metadata, "before": before}))


def _recorded(table: Table) -> Any:
    recorded = table.metadata.get("recipe")
    if recorded is None:
        raise RecipeError(
            "training goes on by the recipe that a table records, but this one records none; give recipe="
        )
    return recipe_from_json(recorded)


def _as_trained(table: Table, recipe: Any) -> Table:
    """The table with its center rows, where its vectors are their sum or mean with the context rows."""
    combine = getattr(recipe, "combine", None) or "center"
    if combine == "center" or table.context is None or table.context.shape != table.store.shape:
        return table
    ids = np.arange(table.store.shape[0])
    center = table.store.gather(ids) * np.float32(2 if combine == "mean" else 1) - table.context.gather(ids)
    return replace(table, store=DenseStore(center))
