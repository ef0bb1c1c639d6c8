"""Rows to start from: random ones, those of a table with the same parts, and vectors of any other."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.arrays import PackedKeys
from rowspace.errors import RecipeError, ShapeError
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.training.subword_rows import start_subwords
from rowspace.vocabulary import Words
from rowspace.vocabulary.floret import Floret
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.subwords import Subwords

DIM = 6


def vocabulary(keys, splitter):
    return Subwords(Words.from_keys(keys), splitter).compacted()


def make_table(vocabulary, *, context=True, dim=DIM):
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(vocabulary.num_rows, dim)).astype(np.float32)
    rows = DenseStore(rng.normal(size=(len(vocabulary), dim)).astype(np.float32))
    return Table(vocabulary, DenseStore(vectors), context=rows if context else None)


def start(vocabulary, initial=None, *, outputs=None):
    return start_subwords(
        vocabulary, dim=DIM, seed=1, initial=initial, outputs=len(vocabulary) if outputs is None else outputs
    )


def vectors_of(matrices, vocabulary, keys):
    bags = vocabulary.rows_of(PackedKeys.from_strings(keys))
    return DenseStore(np.ascontiguousarray(matrices.center_rows())).pool(bags)


def test_rows_start_small_and_the_shared_row_at_zero():
    words = vocabulary(["king", "queen"], NGrams(3, 4, 1_000))
    matrices, taken = start(words)
    shared = words.num_own_rows + words.splitter.shared_row
    assert taken == 0 and not matrices.context.any() and not matrices.center[shared].any()
    others = np.delete(matrices.center_rows(), shared, axis=0)
    assert (np.abs(others) <= 1 / DIM).all() and others.all()
    assert not matrices.center[:, DIM:].any()


def test_a_table_with_the_same_parts_gives_its_rows():
    """The keys come in another order, one is gone and one is new; buckets have other rows."""
    old = make_table(vocabulary(["king", "queen", "ring"], NGrams(3, 4, 1_000)))
    new = vocabulary(["sing", "queen", "king"], NGrams(3, 4, 1_000))
    matrices, taken = start(new, old)
    assert taken == 2
    np.testing.assert_allclose(
        vectors_of(matrices, new, ["king", "queen"]), old.lookup(["king", "queen"]), atol=1e-6
    )
    np.testing.assert_array_equal(matrices.context_rows()[[2, 1]], old.context.gather(np.array([0, 1])))
    assert not matrices.context_rows()[0].any()  # the new key's
    bucket = NGrams(3, 3, 1_000).bags(PackedKeys.from_strings(["ing"])).ids[1]  # "ing", which both have
    rows = [words.num_own_rows + words.splitter.kept[bucket] for words in (new, old.vocabulary)]
    np.testing.assert_array_equal(matrices.center_rows()[rows[0]], old.store.vectors[rows[1]])


def test_a_whole_model_with_all_buckets_gives_its_rows():
    old = make_table(Subwords(Words.from_keys(["king", "queen"]), NGrams(3, 4, 1_000)))
    new = vocabulary(["queen", "kings"], NGrams(3, 4, 1_000))
    matrices, taken = start(new, old)
    assert taken == 1
    np.testing.assert_allclose(vectors_of(matrices, new, ["queen"]), old.lookup(["queen"]), atol=1e-6)
    grams = new.rows_of(["kings"]).ids[1:]  # "kings" is no key there, but the model has all its n-grams
    theirs = old.vocabulary.rows_of(["kings"]).ids
    np.testing.assert_array_equal(matrices.center_rows()[grams], old.store.vectors[theirs])


@pytest.mark.parametrize("splitter", [NGrams(3, 5, 700), NGrams(0, 0, 1)])
def test_any_other_table_gives_vectors_that_own_rows_make_up(splitter):
    plain = Table.from_arrays(["queen", "king"], np.eye(2, DIM, dtype=np.float32))
    new = vocabulary(["king", "ring", "queen"], splitter)
    matrices, taken = start(new, plain)
    assert taken == 2
    np.testing.assert_allclose(
        vectors_of(matrices, new, ["king", "queen"]), plain.lookup(["king", "queen"]), atol=1e-5
    )
    other = make_table(vocabulary(["king"], NGrams(2, 3, 700)))
    matrices, taken = start(new, other)
    assert taken == 1
    np.testing.assert_allclose(vectors_of(matrices, new, ["king"]), other.lookup(["king"]), atol=1e-5)


def test_floret_takes_all_rows_of_the_same_hashing_and_no_others():
    old = make_table(vocabulary(["king"], Floret(3, 4, 50, 2)))
    new = vocabulary(["queen"], Floret(3, 4, 50, 2))
    matrices, taken = start(new, old)
    assert taken == 0
    np.testing.assert_array_equal(matrices.center_rows(), old.store.vectors)
    with pytest.raises(RecipeError, match="same subwords"):
        start(vocabulary(["queen"], Floret(3, 4, 50, 1)), old)


def test_context_rows_of_a_tree_are_not_taken():
    old = make_table(vocabulary(["king", "queen", "ring"], NGrams(3, 4, 100)))
    matrices, _ = start(old.vocabulary, old, outputs=2)
    assert matrices.context.shape[0] == 2 and not matrices.context.any()


def test_initial_rows_of_another_dim_or_not_finite_are_refused():
    words = vocabulary(["king"], NGrams(3, 4, 100))
    with pytest.raises(ShapeError, match="set dim=4"):
        start(words, make_table(words, dim=4))
    broken = make_table(words)
    broken.store.vectors[0, 0] = np.nan
    with pytest.raises(RecipeError, match="must be finite"):
        start(words, broken)
