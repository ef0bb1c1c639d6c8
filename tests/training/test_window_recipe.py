"""What Word2Vec and FastText share: ranges, choices, and settings that contradict each other."""

from __future__ import annotations

import pytest

from rowspace.errors import RecipeError
from rowspace.training import Word2Vec
from rowspace.training.reading import VocabularyRules


@pytest.mark.parametrize(
    ("name", "value", "others"),
    [
        ("position_weights", True, {"model": "skipgram"}),
        ("divided_gradient", False, {"model": "skipgram"}),
        ("negatives", 10, {"loss": "hierarchical"}),
        ("noise_exponent", 0.5, {"loss": "hierarchical"}),
        ("combine", "sum", {"loss": "hierarchical"}),
        ("position_weights", True, {"loss": "hierarchical", "model": "cbow"}),
    ],
)
def test_a_setting_that_would_change_nothing_is_refused(name, value, others):
    with pytest.raises(RecipeError, match=f"{name} means nothing to .*, but is {value!r}; leave it at"):
        Word2Vec(**others, **{name: value})


@pytest.mark.parametrize("name", ["model", "loss", "combine", "unknown"])
def test_a_choice_is_one_of_those_there_are(name):
    with pytest.raises(RecipeError, match=f"{name} must be one of .*, but is 'best'"):
        Word2Vec(**{name: "best"})


def test_the_rules_are_those_of_the_recipe():
    found = VocabularyRules.of(
        Word2Vec(min_count=7, max_size=9, unknown="unknown", unknown_key="?"), ["x"], None
    )
    assert (found.min_count, found.max_size, found.unknown, found.unknown_key) == (7, 9, "unknown", "?")
    assert found.special == ["x"]
    assert found.given is None
