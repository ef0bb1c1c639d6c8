"""What every recipe promises: plain data with checked ranges, and a fit that gives a table."""

from __future__ import annotations

import inspect
import json
from dataclasses import FrozenInstanceError, asdict, fields, is_dataclass
from typing import get_type_hints

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rowspace.errors import RecipeError
from rowspace.table import Table
from rowspace.training import PPMI, FastText, GloVe, Word2Vec

RECIPES = [Word2Vec, FastText, GloVe, PPMI]
LOWEST = {"dim": 1, "window": 1, "negatives": 1, "epochs": 1, "min_count": 1, "max_size": 1, "seed": 0}
RATES = ("learning_rate", "final_learning_rate", "subsample", "noise_exponent")
DIM = {PPMI: 2}  # a factorisation of three rows has no more
DOCUMENTS = [["a", "rose", "is", "a", "rose"], ["a", "rose"]] * 5

recipes = pytest.mark.parametrize("recipe", RECIPES)


@recipes
def test_it_is_a_frozen_dataclass_of_hyper_parameters(recipe):
    assert is_dataclass(recipe)
    with pytest.raises(FrozenInstanceError):
        recipe().dim = 5
    assert recipe() == recipe() and hash(recipe()) == hash(recipe())


@recipes
def test_every_field_has_a_help_text_a_type_and_a_json_default(recipe):
    hints = get_type_hints(recipe)
    for entry in fields(recipe):
        assert entry.metadata["help"].endswith("."), entry.name
        assert entry.name in hints
    assert json.loads(json.dumps(asdict(recipe()))) == asdict(recipe())


@recipes
def test_fit_takes_the_same_options_everywhere(recipe):
    parameters = inspect.signature(recipe.fit).parameters
    assert {"initial", "vocabulary", "special"} <= set(parameters)
    assert parameters["options"].annotation == "Unpack[FitOptions]"
    assert all(parameter.kind is not inspect.Parameter.VAR_POSITIONAL for parameter in parameters.values())


@recipes
@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(LOWEST)), st.integers(-(2**70), 2**70))
def test_whole_numbers_are_taken_in_range_and_refused_by_name_outside(recipe, name, value):
    assume(name in {entry.name for entry in fields(recipe)})
    if value < LOWEST[name]:
        with pytest.raises(RecipeError, match=f"{name} must be a whole number .* but is {value}"):
            recipe(**{name: value})
        return
    try:
        made = recipe(**{name: value})
    except RecipeError as error:
        assert f"{name} must be a whole number from {LOWEST[name]} to " in str(error)
    else:
        assert getattr(made, name) == value


@recipes
@settings(deadline=None, max_examples=60)
@given(st.sampled_from(RATES), st.floats(allow_nan=True, allow_infinity=True))
def test_numbers_are_finite_and_in_range_or_refused_by_name(recipe, name, value):
    assume(name in {entry.name for entry in fields(recipe)})
    try:
        made = recipe(**{name: value})
    except RecipeError as error:
        assert name in str(error)
    else:
        assert np.isfinite(getattr(made, name))
        assert 0 <= made.subsample <= 1
        if getattr(made, "learning_rate", None) is not None:
            assert 0 <= made.final_learning_rate <= made.learning_rate


@recipes
@pytest.mark.unchecked
@pytest.mark.parametrize("name", ["dim", "learning_rate", "min_count", "seed", "unknown"])
@pytest.mark.parametrize("value", ["5", None, True, [1]])
def test_values_of_another_type_are_refused(recipe, name, value):
    defaults = {entry.name: entry.default for entry in fields(recipe)}
    if name not in defaults or value == defaults[name]:
        pytest.skip("this recipe has no such field, or leaves it to the corpus")
    with pytest.raises(RecipeError, match=name):
        recipe(**{name: value})


@recipes
def test_fit_gives_a_table_with_its_record(recipe):
    table = recipe(dim=DIM.get(recipe, 6), min_count=1, subsample=0).fit(DOCUMENTS, threads=1)
    assert isinstance(table, Table)
    assert table.vectors.shape == (3, DIM.get(recipe, 6)) and sorted(table.keys) == ["a", "is", "rose"]
    assert table.counts.tolist() == [15, 15, 5]
    wanted = {
        "recipe",
        "corpus",
        "losses",
        "seconds",
        "words_per_second",
        "version",
        "interrupted",
        "initial_rows",
    }
    assert wanted <= set(table.metadata)


@recipes
def test_the_same_seed_gives_the_same_rows(recipe):
    first, second = (
        recipe(dim=DIM.get(recipe, 6), min_count=1, subsample=0).fit(
            DOCUMENTS, threads=threads, deterministic=True
        )
        for threads in (1, 2)
    )
    np.testing.assert_array_equal(first.vectors, second.vectors)
