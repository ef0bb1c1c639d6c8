"""Steps of every model and loss: what the loop relies on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rowspace.arrays import Rows
from rowspace.training import Word2Vec
from rowspace.training.matrices import Matrices
from rowspace.training.steps import PLAIN, Bags, num_outputs, state_of, step_of

WORDS, TOPICS, DIM = 400, 8, 20
RECIPES = [
    pytest.param(Word2Vec(dim=DIM, subsample=0, **settings), id=", ".join(settings) or "default")
    for settings in (
        {},
        {"fixed_window": True},
        {"model": "cbow"},
        {"model": "cbow", "position_weights": True},
        {"model": "cbow", "divided_gradient": False},
        {"loss": "hierarchical"},
        {"loss": "hierarchical", "model": "cbow"},
    )
]
BAGS = [pytest.param(False, id="words"), pytest.param(True, id="bags")]


def span(seed: int = 0) -> np.ndarray:
    """Tokens of eight topics, so that there is something to learn; a document every 30 ids."""
    rng = np.random.default_rng(seed)
    topics = np.repeat(rng.integers(0, TOPICS, 200), 30) * (WORDS // TOPICS)
    ids = (topics + rng.integers(0, WORDS // TOPICS, 6_000)).astype(np.int32)
    ids[29::30] = -1
    return ids


def prepare(recipe: Word2Vec, *, with_bags: bool):
    rng = np.random.default_rng(3)
    counts = 1 + np.bincount(span()[span() >= 0], minlength=WORDS).astype(np.int64)
    rows = WORDS + 15 if with_bags else WORDS
    matrices = Matrices.zeros(rows, DIM, outputs=num_outputs(recipe, WORDS))
    matrices = replace(matrices, state=state_of(recipe))
    matrices.center_rows()[:] = rng.uniform(-0.3, 0.3, (rows, DIM))
    bags = PLAIN
    if with_bags:
        parts = [np.array([word, WORDS + word % 15, WORDS + (7 * word) % 15]) for word in range(WORDS)]
        bags = Bags.of(Rows(np.concatenate(parts), np.arange(0, 3 * WORDS + 1, 3)))
    return matrices, step_of(recipe, matrices, counts, bags)


def copies(matrices: Matrices) -> list[np.ndarray]:
    return [values.copy() for values in (matrices.center, matrices.context, *matrices.state.values())]


@pytest.mark.parametrize("with_bags", BAGS)
@pytest.mark.parametrize("recipe", RECIPES)
def test_the_loss_falls(recipe, with_bags):
    matrices, step = prepare(recipe, with_bags=with_bags)
    losses = [loss / pairs for loss, pairs in (step(span(turn), 0.05, turn, 0) for turn in range(12))]
    assert losses[-1] < 0.95 * losses[0]
    assert matrices.are_finite()
    assert not matrices.center[:, DIM:].any()
    assert not matrices.context[:, DIM:].any()


@pytest.mark.parametrize("with_bags", BAGS)
@pytest.mark.parametrize("recipe", RECIPES)
def test_a_learning_rate_of_zero_measures_and_moves_nothing(recipe, with_bags):
    matrices, step = prepare(recipe, with_bags=with_bags)
    step(span(), 0.1, 1, 0)
    before = copies(matrices)
    first, second = step(span(), 0.0, 5, 0), step(span(), 0.0, 5, 0)
    assert first == second
    assert first[0] > 0 < first[1]
    for was, now in zip(before, copies(matrices), strict=True):
        np.testing.assert_array_equal(now, was)


@pytest.mark.parametrize("with_bags", BAGS)
@pytest.mark.parametrize("recipe", RECIPES)
def test_one_worker_gives_the_same_bits(recipe, with_bags):
    results = []
    for _ in range(2):
        matrices, step = prepare(recipe, with_bags=with_bags)
        results.append((step(span(), 0.05, 9, 1_000), copies(matrices)))
    assert results[0][0] == results[1][0]
    for first, second in zip(results[0][1], results[1][1], strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("ids", [[], [-1], [3], [3, -1, 3], [-1, -1]])
def test_a_span_without_a_pair_counts_nothing(recipe, ids):
    matrices, step = prepare(recipe, with_bags=False)
    before = copies(matrices)
    assert step(np.array(ids, np.int32), 0.1, 1, 0) == (0.0, 0.0)
    for was, now in zip(before, copies(matrices), strict=True):
        np.testing.assert_array_equal(now, was)
