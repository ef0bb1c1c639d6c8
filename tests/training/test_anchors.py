"""Held rows: frozen bit for bit, or pulled back by a known share, while the others learn."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.arrays import END
from rowspace.errors import RecipeError, ShapeError, UnknownKeyError
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.training import Word2Vec, anchors
from rowspace.training.anchors import FROZEN, Anchors, hold
from rowspace.training.matrices import Matrices
from rowspace.training.run import Prepared
from rowspace.training.spans import TokenSpans
from rowspace.vocabulary import Words
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.subwords import Subwords

RECIPE = Word2Vec(dim=10, window=3, epochs=2, min_count=1, subsample=0)


class Ids:
    num_ids = 0

    def read(self, start, stop):
        return np.empty(stop - start, np.int32)


def prepared(vocabulary, num_rows: int, combine="center") -> Prepared:
    """A training whose step adds one to every row, held or not."""
    matrices = Matrices.zeros(num_rows, 2)

    def step(span, learning_rate, seed, position):
        if learning_rate:
            matrices.center_rows()[:] += 1
            matrices.context_rows()[:] += 1
        return 1.0, float(len(span))

    return Prepared(None, vocabulary, matrices, step, TokenSpans(Ids()), {}, dict, combine=combine)


def test_the_pull_is_that_of_one_proximal_step_an_occurrence():
    matrix = np.zeros((3, 2), np.float32)
    held = Anchors.of(matrix, np.array([1, 2]), 2.0)
    matrix[:] = 1
    held.pull_(np.array([0, 1, 2]), np.array([5, 1, 3]), 0.1)
    np.testing.assert_allclose(matrix[:, 0], [1, 1.2**-1, 1.2**-3], rtol=1e-6)


def test_many_short_spans_pull_as_one_long_one():
    once, often = np.ones((1, 4), np.float32), np.ones((1, 4), np.float32)
    row = np.array([0])
    for matrix, turns in ((once, [6]), (often, [1, 2, 3])):
        held = Anchors.of(matrix, row, 0.5)
        matrix[:] = 3
        for occurrences in turns:
            held.pull_(row, np.array([occurrences]), 0.2)
    np.testing.assert_allclose(once, often, rtol=1e-6)


def test_a_frozen_row_is_set_back_to_the_bit():
    matrix = np.full((2, 2), 0.1, np.float32)
    held = Anchors.of(matrix, np.array([1]), FROZEN)
    matrix += np.float32(1e-3)
    held.pull_(np.array([0, 1]), np.array([1, 1]), 0.1)
    assert (matrix[1] == np.float32(0.1)).all() and (matrix[0] != np.float32(0.1)).all()


def test_rows_that_occurred_are_held_and_the_loss_is_passed_on():
    training = hold(prepared(Words.from_keys("abc"), 3), frozen=["a"], anchored=["b"], strength=1e9)
    ids = np.array([0, 1, END, 2, END], np.int32)
    assert training.step(ids, 0.1, 1, 0) == (1.0, 5.0)
    np.testing.assert_allclose(training.matrices.center[:, 0], [0, 0, 1], atol=1e-6)
    assert (training.matrices.context_rows() == 1).all()  # context rows learn on


def test_at_learning_rate_zero_nothing_moves():
    training = hold(prepared(Words.from_keys("abc"), 3), frozen=["a"], anchored=["b"], strength=1.0)
    training.matrices.center[:] = 7
    training.step(np.array([0, 1, 2, END], np.int32), 0.0, 1, 0)
    assert (training.matrices.center == 7).all()


def test_where_the_table_is_a_sum_context_rows_are_held_too_even_as_noise():
    training = hold(prepared(Words.from_keys("abc"), 3, "sum"), frozen=["a", "b"])
    training.step(np.array([0, 2, END], np.int32), 0.1, 1, 0)
    assert training.matrices.context[:, 0].tolist() == [0, 0, 1]
    assert training.matrices.center[:, 0].tolist() == [0, 1, 1]  # b was not read: no step moves its center


def test_the_parts_of_a_frozen_key_are_frozen_for_all_who_share_them():
    vocabulary = Subwords(Words.from_keys(["abc", "abd"]), NGrams(2, 2, buckets=30))
    training = hold(prepared(vocabulary, 32), frozen=["abc"], anchored=["abd"], strength=1e-9)
    bags = vocabulary.bags()
    frozen, other = bags.ids[: bags.offsets[1]], bags.ids[bags.offsets[1] :]
    training.step(np.array([1, END], np.int32), 0.1, 1, 0)
    center = training.matrices.center[:, 0]
    shared = np.intersect1d(frozen, other)
    assert len(shared) and not center[shared].any()
    np.testing.assert_allclose(center[np.setdiff1d(other, frozen)], 1, atol=1e-3)


@pytest.mark.parametrize("piece", [2, 5, 100])
def test_a_span_is_cut_after_documents_and_its_places_kept(monkeypatch, piece):
    monkeypatch.setattr(anchors, "PIECE", piece)
    seen = []

    def step(span, learning_rate, seed, position):
        seen.append((position, span.tolist()))
        return 0.0, 0.0

    training = prepared(Words.from_keys("ab"), 2)
    span = np.array([0, 1, END, 0, 0, 1, 1, END, 1], np.int32)
    hold(Prepared(**{**vars(training), "step": step}), frozen=["a"]).step(span, 0.1, 1, 50)
    assert [place for place, _ in seen] == np.cumsum([50, *map(len, (ids for _, ids in seen))])[:-1].tolist()
    assert [row for _, ids in seen for row in ids] == span.tolist()
    if piece == 5:
        assert [ids[-1] for _, ids in seen] == [END, END, 1]


@pytest.mark.parametrize("threads", [1, 2])
def test_frozen_keys_are_bit_equal_after_training_and_others_learn(topics, threads):
    start = RECIPE.fit(topics, threads=1, context=True)
    frozen = ["cat", "gold"]
    table = RECIPE.fit(topics, threads=threads, initial=start, vocabulary=start.vocabulary, frozen=frozen)
    assert table.lookup(frozen).tobytes() == start.lookup(frozen).tobytes()
    assert (table["dog"] != start["dog"]).any()


def test_anchors_keep_keys_nearer_the_stronger_they_are(topics):
    start = RECIPE.fit(topics, threads=1, context=True)
    moved = [
        np.linalg.norm(
            RECIPE.fit(topics, threads=1, initial=start, anchored=["cat"], anchor_strength=strength)["cat"]
            - start["cat"]
        )
        for strength in (1e-6, 0.1, 10.0)
    ]
    assert moved[0] > 1.3 * moved[1] > 13 * moved[2] > 0


def test_what_cannot_be_held_is_refused(topics):
    words = Words.from_keys("abc")
    with pytest.raises(UnknownKeyError, match=r"'zz' is not \(1 of 2"):
        hold(prepared(words, 3), frozen=["a", "zz"])
    with pytest.raises(RecipeError, match="'a' is both"):
        hold(prepared(words, 3), frozen=["a"], anchored=["a"])
    with pytest.raises(ShapeError, match="lists of keys"):
        hold(prepared(words, 3), frozen="a")
    with pytest.raises(RecipeError, match="anchor_strength"):
        RECIPE.fit(topics, anchored=["cat"], anchor_strength=0)


def test_a_table_without_anchors_is_trained_by_the_same_step():
    training = prepared(Words.from_keys("abc"), 3)
    assert hold(training) is training


def test_a_checkpoint_goes_on_only_with_the_same_held_rows(topics, tmp_path):
    start = RECIPE.fit(topics, threads=1)
    path = tmp_path / "run.rows"
    whole = RECIPE.fit(topics, threads=1, initial=start, frozen=["cat"], checkpoint=path)
    again = RECIPE.fit(topics, threads=1, initial=start, frozen=["cat"], checkpoint=path, resume=True)
    np.testing.assert_array_equal(whole.vectors, again.vectors)
    with pytest.raises(RecipeError, match=r"same conditions, but differs .* in held"):
        RECIPE.fit(topics, threads=1, frozen=["cat"], checkpoint=path, resume=True)


def test_frozen_vectors_come_from_a_file_without_context_rows(topics):
    rows = np.random.default_rng(1).standard_normal((2, 10)).astype(np.float32)
    given = Table(Words.from_keys(["cat", "gold"]), DenseStore(rows))
    table = RECIPE.fit(topics, threads=1, initial=given, frozen=["cat", "gold"])
    np.testing.assert_array_equal(table.lookup(["cat", "gold"]), rows)
    cosine = np.corrcoef(table.lookup(["cat", "dog", "iron"]))
    assert cosine[0, 1] > cosine[0, 2]
