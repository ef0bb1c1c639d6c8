"""Word2Vec learns what the eye can see, in the same way every time."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from rowspace.errors import CorpusError, RecipeError, ShapeError, UnknownKeyError
from rowspace.table import Table
from rowspace.training import NothingLearnedWarning, Word2Vec
from rowspace.vocabulary import Words

RECIPE = Word2Vec(dim=16, window=4, epochs=6, min_count=1, subsample=0, learning_rate=0.05)
ANIMALS = {"cat", "dog", "fox", "hen", "owl", "pig"}


def unit(table: Table) -> np.ndarray:
    return table.vectors / np.linalg.norm(table.vectors, axis=1, keepdims=True)


@pytest.mark.parametrize("threads", [1, 2])
def test_neighbours_are_of_the_same_topic(topics, threads):
    table = RECIPE.fit(topics, threads=threads)
    cosines = unit(table) @ unit(table).T
    is_animal = np.array([key in ANIMALS for key in table.keys])
    same = is_animal[:, None] == is_animal
    np.fill_diagonal(same, False)
    within, across = cosines[same], cosines[is_animal[:, None] != is_animal]
    assert within.min() > across.max()


def test_the_loss_starts_at_chance_and_falls(topics):
    # Slowly: at a higher rate twelve words are learned within the first epoch.
    losses = replace(RECIPE, learning_rate=0.01).fit(topics, threads=1).metadata["losses"]
    assert losses[0] < (1 + RECIPE.negatives) * math.log(2)  # all logits are 0 at the start
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0] - 0.1


def test_one_worker_gives_the_same_rows_every_time(topics):
    first, second = RECIPE.fit(topics, threads=1), RECIPE.fit(topics, threads=1)
    np.testing.assert_array_equal(first.vectors, second.vectors)
    assert first.metadata["losses"] == second.metadata["losses"]


def test_deterministic_gives_the_rows_of_one_worker_whatever_threads_says(topics):
    one, many = RECIPE.fit(topics, threads=1), RECIPE.fit(topics, threads=3, deterministic=True)
    np.testing.assert_array_equal(one.vectors, many.vectors)
    assert many.metadata["deterministic"] is True


def test_another_seed_gives_other_rows(topics):
    other = Word2Vec(dim=16, window=4, epochs=6, min_count=1, subsample=0, learning_rate=0.05, seed=2)
    assert not np.array_equal(RECIPE.fit(topics, threads=1).vectors, other.fit(topics, threads=1).vectors)


@pytest.mark.parametrize("seed", [0, 2**63, 2**64 - 1])
def test_every_seed_is_good(topics, seed):
    table = Word2Vec(dim=4, epochs=1, min_count=1, seed=seed).fit(topics[:20], threads=1)
    assert np.isfinite(table.vectors).all()


def test_rows_come_in_one_tight_matrix(topics):
    vectors = RECIPE.fit(topics, threads=1).vectors
    assert vectors.shape == (12, 16) and vectors.dtype == np.float32 and vectors.flags.c_contiguous


@pytest.mark.parametrize("subsample", [0, 1e-3])
@pytest.mark.parametrize(
    "documents", [["one two three four five six seven eight nine ten"], ["a a a a a a a a"], ["a b"]]
)
@pytest.mark.filterwarnings("ignore::rowspace.training.NothingLearnedWarning")
def test_tiny_corpora_train_without_error(documents, subsample):
    table = Word2Vec(dim=10, min_count=1, subsample=subsample).fit(documents, threads=2)
    assert np.isfinite(table.vectors).all()
    assert table.shape == (len(set(documents[0].split())), 10)


def test_an_unknown_key_follows_the_recipe(topics):
    rare = [*topics, ["quark", "cat"], ["gluon", "dog"]]
    options = {"dim": 8, "epochs": 1, "min_count": 2, "subsample": 0}
    with pytest.raises(UnknownKeyError):
        Word2Vec(**options).fit(rare, threads=1)["quark"]
    assert not Word2Vec(**options, unknown="zero").fit(rare, threads=1)["quark"].any()
    assert len(Word2Vec(**options, unknown="skip").fit(rare, threads=1).lookup(["quark", "cat"])) == 1
    table = Word2Vec(**options, unknown="unknown", unknown_key="<?>").fit(rare, threads=1)
    np.testing.assert_array_equal(table["quark"], table["<?>"])
    assert table.counts[list(table.keys).index("<?>")] == 2


def test_special_keys_come_first(topics):
    table = RECIPE.fit(topics, threads=1, special=["<pad>"])
    assert table.keys[0] == "<pad>" and len(table) == 13


def test_a_given_vocabulary_stays_as_it_is(topics):
    words = Words.from_keys(["pig", "unicorn", "tin"])
    table = RECIPE.fit(topics, threads=1, vocabulary=words)
    assert table.vocabulary is words


def test_initial_rows_are_where_training_starts(topics):
    start = Table.from_arrays(["cat", "gold", "yeti"], np.full((3, 16), 0.5, np.float32))
    slow = Word2Vec(dim=16, epochs=1, min_count=1, learning_rate=1e-6, final_learning_rate=0)
    table = slow.fit(topics, threads=1, initial=start)
    assert table.metadata["initial_rows"] == 2
    assert table["cat"] == pytest.approx(0.5, abs=1e-3)
    assert np.abs(table["dog"]).max() < 0.07


def test_initial_rows_of_another_dim_are_refused(topics, table):
    with pytest.raises(ShapeError, match="set dim=8"):
        RECIPE.fit(topics, threads=1, initial=table)


def test_training_goes_on_where_a_table_with_context_left_off(topics):
    slow = Word2Vec(dim=16, window=4, epochs=2, min_count=1, subsample=0, learning_rate=0.01)
    first = slow.fit(topics, threads=1, context=True)
    second = slow.fit(topics, threads=1, initial=first)
    assert second.metadata["losses"][0] < first.metadata["losses"][0] - 0.05


def test_context_rows_are_kept_on_request_only(topics):
    assert RECIPE.fit(topics, threads=1).context is None
    kept = RECIPE.fit(topics, threads=1, context=True).context
    assert kept.shape == (12, 16) and kept.gather(np.arange(12)).any()


@pytest.mark.parametrize("documents", [[], [""], [[]]])
def test_an_empty_corpus_is_refused(documents):
    with pytest.raises(CorpusError):
        RECIPE.fit(documents, threads=1)


def test_nothing_above_min_count_is_refused():
    with pytest.raises(CorpusError, match="min_count"):
        Word2Vec(min_count=3).fit(["a b c a"], threads=1)


def test_a_rate_that_would_rise_is_refused():
    with pytest.raises(RecipeError, match="must not rise"):
        Word2Vec(learning_rate=0.01, final_learning_rate=0.02)


@pytest.mark.upstream
def test_the_quality_is_that_of_gensim(topics):
    models = pytest.importorskip("gensim.models")
    theirs = models.Word2Vec(
        topics, sg=1, vector_size=16, window=4, epochs=6, min_count=1, sample=0, alpha=0.05, workers=1, seed=1
    )
    mine = RECIPE.fit(topics, threads=1)
    keys = list(mine.keys)
    is_animal = np.array([key in ANIMALS for key in keys])
    same = is_animal[:, None] == is_animal

    def gap(vectors: np.ndarray) -> float:
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        cosines = vectors @ vectors.T
        return float(cosines[same & ~np.eye(12, dtype=bool)].mean() - cosines[~same].mean())

    assert gap(mine.vectors) > 0.9 * gap(theirs.wv[keys])


def test_a_corpus_of_single_words_warns_and_gives_the_initial_rows():
    with pytest.warns(NothingLearnedWarning):
        table = Word2Vec(dim=4, min_count=1).fit(["a", "b", "a"], threads=1)
    assert np.abs(table.vectors).max() <= 1 / 4
