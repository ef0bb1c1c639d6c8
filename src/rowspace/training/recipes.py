"""The recipes by name, and a recipe from the record that a table keeps of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from rowspace.errors import RecipeError
from rowspace.training.fasttext import FastText
from rowspace.training.glove import GloVe
from rowspace.training.ppmi import PPMI
from rowspace.training.word2vec import Word2Vec

RECIPES: Mapping[str, type[Any]] = {made.__name__: made for made in (Word2Vec, FastText, GloVe, PPMI)}


def recipe_from_json(values: Mapping[str, Any]) -> Any:
    """The recipe that `recipe_to_json` wrote; fields that it does not name have their defaults.

    Raises RecipeError for a recipe or a field that this version does not know.

    >>> recipe_from_json({"name": "Word2Vec", "dim": 50, "epochs": 3}).dim
    50
    """
    name = values.get("name")
    if not isinstance(name, str) or name not in RECIPES:
        raise RecipeError(
            f"a recipe's name must be one of {', '.join(RECIPES)}, but is {name!r}; give recipe= instead"
        )
    made = RECIPES[name]
    given = {field: value for field, value in values.items() if field != "name"}
    unknown = sorted(given.keys() - {field.name for field in fields(made)})
    if unknown:
        raise RecipeError(
            f"{name} has no field {unknown[0]!r}, but the table's record names it: a later rowspace made "
            "the table; upgrade, or give recipe="
        )
    return made(**given)
