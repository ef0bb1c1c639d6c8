"""A recipe from the record that a table keeps of it."""

from __future__ import annotations

import json

import pytest

from rowspace.errors import RecipeError
from rowspace.training.recipes import RECIPES, recipe_from_json
from rowspace.training.run import recipe_to_json


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_every_recipe_comes_back_from_json(name):
    recipe = RECIPES[name](dim=7, seed=3)
    assert recipe_from_json(json.loads(json.dumps(recipe_to_json(recipe)))) == recipe


def test_fields_that_an_older_version_did_not_write_have_their_defaults():
    assert recipe_from_json({"name": "Word2Vec"}) == RECIPES["Word2Vec"]()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "but is None; give recipe="),
        ({"name": "Word3Vec"}, "but is 'Word3Vec'"),
        ({"name": "Word2Vec", "magic": 1}, "Word2Vec has no field 'magic'"),
        ({"name": "Word2Vec", "dim": 0}, "dim must be a whole number"),
    ],
)
def test_a_record_that_says_nothing_known_is_refused(values, message):
    with pytest.raises(RecipeError, match=message):
        recipe_from_json(values)
