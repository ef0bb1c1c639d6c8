"""The combined table: known keys have exactly the wanted vectors, unknown ones their n-grams' mapped rows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from rowspace import FastText, Table, Word2Vec, open, write
from rowspace.selection.best.unknown_words import largest_error, with_subwords

TEXT = ["the king rules the kingdom", "a queen rules her queendom", "kings and queens rule"] * 20


@pytest.fixture(scope="module")
def model():
    return FastText(dim=6, min_count=1, epochs=3, buckets=200_000).fit(TEXT, threads=1, progress=False)


def test_known_keys_have_the_wanted_vectors(model):
    wanted = np.random.default_rng(1).standard_normal((len(model), 4)).astype(np.float32)
    table = with_subwords(wanted, model)
    np.testing.assert_allclose(table.vectors, wanted, atol=1e-5)
    assert largest_error(table, wanted) < 1e-5


def test_unknown_words_follow_a_linear_map_of_the_model(model):
    """Where the wanted vectors are the model's n-gram means times a matrix, so are those of unknown words."""
    rng = np.random.default_rng(2)
    turn = rng.standard_normal((6, 4)).astype(np.float32)
    own = model.vocabulary.num_own_rows
    rows = model.store.vectors.copy()
    bags = model.vocabulary.splitter.bags(model.keys)
    means = np.stack([rows[own + bags.ids[a:b]].mean(axis=0) for a, b in pairwise(bags.offsets.tolist())])
    table = with_subwords((means @ turn).astype(np.float32), model)
    expected = model["kingly"] @ turn
    cosine = table["kingly"] @ expected / np.linalg.norm(expected) / np.linalg.norm(table["kingly"])
    assert cosine > 0.9


def test_what_no_key_shares_stays_zero(model):
    wanted = np.ones((len(model), 4), np.float32)
    assert not with_subwords(wanted, model)["zzzzzz"].any()


def test_it_goes_through_a_file(model, tmp_path):
    wanted = np.random.default_rng(3).standard_normal((len(model), 4)).astype(np.float32)
    table = with_subwords(wanted, model)
    opened = open(write(table, tmp_path / "t.rows"), verify=True)
    np.testing.assert_array_equal(opened.lookup(["king", "kingly"]), table.lookup(["king", "kingly"]))


def test_plain_words_just_get_their_vectors():
    plain = Word2Vec(dim=4, min_count=1, epochs=1).fit(TEXT, threads=1, progress=False)
    wanted = np.random.default_rng(5).standard_normal((len(plain), 3)).astype(np.float32)
    np.testing.assert_array_equal(with_subwords(wanted, plain).vectors, wanted)


def test_an_error_is_measured_in_lengths():
    table = Table.from_arrays(["a"], np.array([[3, 4]], np.float32))
    assert largest_error(table, np.array([[3, 3]], np.float32)) == pytest.approx(1 / np.sqrt(18))
