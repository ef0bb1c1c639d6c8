"""Going on with a finished table: its rows are the start, its recipe the rule, its keys stay."""

from __future__ import annotations

import json

import numpy as np
import pytest

import rowspace.formats
from rowspace.errors import RecipeError, ShapeError
from rowspace.table import Table
from rowspace.training import PPMI, FastText, GloVe, Word2Vec
from rowspace.training.growing.continuing import continue_training

RECIPE = Word2Vec(dim=10, window=3, epochs=2, min_count=1, subsample=0, learning_rate=0.025)
NEW = [["cat", "kitten", "dog", "puppy"], ["gold", "nugget", "iron"]] * 40


@pytest.fixture(scope="module")
def old(topics) -> Table:
    return RECIPE.fit(topics, threads=1, context=True)


def test_the_recorded_recipe_trains_on_with_what_is_changed(old):
    grown = continue_training(old, NEW, epochs=1, learning_rate=0.01, threads=1)
    recipe = grown.table.metadata["recipe"]
    assert recipe["epochs"] == 1 and recipe["learning_rate"] == 0.01 and recipe["window"] == 3
    assert list(grown.table.keys[:12]) == list(old.keys)
    assert sorted(grown.report.added) == ["kitten", "nugget", "puppy"]
    assert grown.table.metadata["initial_rows"] == 15


def test_counts_are_those_of_both_texts(old):
    table = continue_training(old, NEW, threads=1).table
    cat = list(table.keys).index("cat")
    assert table.counts[cat] == old.counts[cat] + 40
    assert table.counts[12:].tolist() == [40, 40, 40]


def test_rows_that_the_text_does_not_show_stay_bit_for_bit(old):
    table = continue_training(old, NEW, threads=1).table
    np.testing.assert_array_equal(table["zinc"], old["zinc"])
    assert (table["cat"] != old["cat"]).any()


def test_new_words_come_near_the_words_around_them(old):
    table = continue_training(old, NEW, epochs=5, threads=1).table
    rows = table.lookup(["kitten", "nugget", "owl", "tin"])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    assert rows[0] @ rows[2] > rows[0] @ rows[3] and rows[1] @ rows[3] > rows[1] @ rows[2]


def test_the_vocabulary_may_stay_as_it_is(old):
    grown = continue_training(old, NEW, grow=False, threads=1)
    assert list(grown.table.keys) == list(old.keys) and len(grown.report.added) == 0
    assert grown.table.counts.sum() == old.counts.sum() + 4 * 40


def test_frozen_old_rows_stay_while_new_ones_learn(old):
    table = continue_training(old, NEW, threads=1, frozen=list(old.keys)).table
    assert table.vectors[:12].tobytes() == old.vectors.tobytes()
    assert np.isfinite(table.vectors).all()


def test_a_table_from_a_file_goes_on_like_the_one_in_memory(old, tmp_path):
    path = tmp_path / "old.rows"
    rowspace.formats.write(old, path)
    direct = continue_training(old, NEW, threads=1).table
    np.testing.assert_array_equal(
        continue_training(rowspace.formats.open(path), NEW, threads=1).table.vectors, direct.vectors
    )
    rowspace.formats.write(direct, path)
    assert json.dumps(rowspace.formats.open(path).metadata["before"][0]["recipe"])


def test_the_records_of_all_trainings_are_kept(old):
    twice = continue_training(continue_training(old, NEW, threads=1).table, NEW, threads=1).table
    before = twice.metadata["before"]
    assert [record["corpus"]["tokens"] for record in before] == [7_200, 280]
    assert all("before" not in record for record in before)


@pytest.mark.parametrize("combine", ["sum", "mean"])
def test_a_sum_of_both_matrices_goes_on_from_the_center_rows(topics, combine):
    recipe = Word2Vec(dim=10, window=3, epochs=1, min_count=1, subsample=0, combine=combine)
    old = recipe.fit(topics, threads=1, context=True)
    seen = {}

    def first_rows(moment):
        seen["rows"] = moment.table.vectors.copy()
        return True

    unmoved = {"learning_rate": 1e-30, "final_learning_rate": 0.0}
    table = continue_training(old, topics, threads=1, **unmoved, hooks=[first_rows]).table
    np.testing.assert_allclose(table.vectors, old.vectors, atol=1e-6)


def test_a_table_without_a_record_needs_a_recipe(old):
    bare = Table.from_arrays(old.keys, np.array(old.vectors))
    with pytest.raises(RecipeError, match="this one records none; give recipe="):
        continue_training(bare, NEW)
    assert len(continue_training(bare, NEW, recipe=RECIPE, threads=1).table) == 15
    with pytest.raises(ShapeError, match="dim"):
        continue_training(bare, NEW, recipe=Word2Vec(dim=5, min_count=1), threads=1)


def test_continuing_on_the_same_text_starts_where_the_first_training_was(old, topics):
    table = continue_training(old, topics, threads=1).table
    first, then = old.metadata["losses"], table.metadata["losses"]
    assert then[0] < first[0] - 0.1 and abs(then[0] - first[-1]) < 0.1


def test_subwords_go_on_and_new_keys_share_their_parts(topics):
    recipe = FastText(dim=10, window=3, epochs=2, min_count=1, subsample=0, buckets=500)
    old = recipe.fit(topics, threads=1, context=True)
    grown = continue_training(old, NEW, threads=1)
    assert sorted(grown.report.added) == ["kitten", "nugget", "puppy"]
    assert set(grown.report.origins) == {"subwords"} and list(grown.table.keys[:12]) == list(old.keys)
    assert grown.table["unseen"].shape == (10,)
    frozen = continue_training(old, NEW, threads=1, frozen=["zinc", "cat"]).table
    np.testing.assert_array_equal(frozen.lookup(["zinc", "cat"]), old.lookup(["zinc", "cat"]))


def test_the_rates_and_biases_of_glove_go_on(topics):
    old = GloVe(dim=10, window=3, epochs=2, min_count=1).fit(topics, threads=1, context=True)
    table = continue_training(old, NEW, threads=1, context=True).table
    zinc = list(old.keys).index("zinc")
    for name, values in old.state.items():
        np.testing.assert_array_equal(table.state[name][zinc], values[zinc])  # the text never shows it
    np.testing.assert_allclose(table["zinc"], old["zinc"], atol=1e-6)


def test_position_vectors_go_on(topics):
    recipe = Word2Vec(dim=10, window=3, epochs=1, min_count=1, model="cbow", position_weights=True)
    old = recipe.fit(topics, threads=1, context=True)
    unmoved = {"learning_rate": 1e-30, "final_learning_rate": 0.0}
    table = continue_training(old, topics, threads=1, context=True, **unmoved).table
    np.testing.assert_allclose(table.state["positions"], old.state["positions"], atol=1e-6)


def test_a_factorisation_cannot_go_on(topics):
    old = PPMI(dim=4, min_count=1, subsample=0).fit(topics, threads=1)
    with pytest.raises(RecipeError, match="PPMI counts and factorises once"):
        continue_training(old, NEW, threads=1)


def test_what_needs_tokens_is_refused_elsewhere(topics):
    recipe = GloVe(dim=10, epochs=1, min_count=1)
    for options in ({"validation": topics}, {"frozen": ["cat"]}, {"anchored": ["cat"]}):
        with pytest.raises(RecipeError, match=r"recipe that trains on tokens"):
            recipe.fit(topics, threads=1, **options)
