"""Members: trained for given keys, cut short by the clock, with what may stand for them."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.selection.best import members
from rowspace.selection.best.clock import Clock
from rowspace.selection.best.members import epoch_seconds, train
from rowspace.selection.best.parts import Part, encode
from rowspace.selection.best.plan import Planned
from rowspace.training import PPMI, FastText, Word2Vec
from rowspace.vocabulary import Words


@pytest.fixture(scope="module")
def learned():
    rng = np.random.default_rng(8)
    stream, keys = encode([[f"w{row}" for row in rng.integers(0, 20, 10)] for _ in range(300)], threads=1)
    return Part.both(stream, keys)[0]


@pytest.fixture(scope="module")
def words():
    return Words.from_keys([f"w{row}" for row in range(20)], counts=np.full(20, 100))


RECIPES = {
    "skip-gram": Word2Vec(dim=4, epochs=2),
    "subwords": FastText(dim=4, epochs=2, buckets=500),
    "counts": PPMI(dim=4),
}


@pytest.mark.parametrize("name", RECIPES)
def test_all_have_rows_for_the_same_keys(name, learned, words):
    with Clock(1, progress=False) as clock:
        member = train(Planned(name, RECIPES[name], 1.0), learned, words, clock, 1)
    assert member.vectors.shape == (20, 4)
    assert list(member.table.keys) == list(words.keys)
    assert member.table.context is None


def test_skip_gram_stands_for_itself_by_both_its_rows(learned, words):
    recipe = Word2Vec(dim=4, epochs=2)
    with Clock(1, progress=False) as clock:
        member = train(Planned("skip-gram", recipe, 1.0), learned, words, clock, 1)
    table = recipe.fit(learned, vocabulary=words, threads=1, progress=False, context=True)
    np.testing.assert_array_equal(member.vectors, table.vectors + table.context.vectors)


def test_a_spent_budget_ends_the_training_after_one_epoch(learned, words):
    with Clock(1e-9, progress=False) as clock:
        member = train(Planned("skip-gram", Word2Vec(dim=4, epochs=40), 1.0), learned, words, clock, 1)
    assert 1 <= member.table.metadata["epochs_done"] < 40


def test_speed_is_measured_for_each(learned, words):
    costs = epoch_seconds(RECIPES, learned, words, 1)
    assert set(costs) == set(RECIPES) and all(cost > 0 for cost in costs.values())


def test_shards_are_smaller(learned, words, monkeypatch):
    monkeypatch.setattr(members, "FEWEST_PROBE_TOKENS", 500)
    with Clock(1, progress=False) as clock:
        member = train(
            Planned("skip-gram", Word2Vec(dim=4, epochs=1), 1.0, shards=4), learned, words, clock, 1
        )
    assert member.table.metadata["corpus"]["tokens"] < learned.scan().num_tokens / 3
