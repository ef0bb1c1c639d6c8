"""What pictures call the tables that they show."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import EvaluationError
from rowspace.maps.named_tables import named
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.vocabulary import Words


def made_by(recipe: object, dim: int = 2) -> Table:
    return Table(Words.from_keys(["a"]), DenseStore(np.ones((1, dim), np.float32)), {"recipe": recipe})


def test_the_recipe_names_a_table():
    assert list(named(made_by({"name": "GloVe"}))) == ["GloVe of dim 2"]
    assert list(named([made_by({"name": "GloVe"}), made_by({"name": "GloVe"}, 3)])) == [
        "GloVe of dim 2", "GloVe of dim 3",
    ]  # fmt: skip


@pytest.mark.parametrize("recipe", [None, "GloVe", {}, {"name": 3}, ["name"]])
def test_a_table_of_unknown_origin(recipe):
    assert list(named(made_by(recipe))) == ["table of dim 2"]


def test_equal_names_are_numbered():
    table = made_by({"name": "PPMI"})
    assert list(named([table] * 3)) == ["PPMI of dim 2", "PPMI of dim 2 (2)", "PPMI of dim 2 (3)"]


def test_no_table_is_refused():
    for nothing in ([], {}):
        with pytest.raises(EvaluationError, match="at least one table"):
            named(nothing)
