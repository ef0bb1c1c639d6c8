"""Tables with subwords are searched by the vectors of their keys, for any word that has parts."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace import evaluation
from rowspace.errors import UnknownKeyError
from rowspace.search import ExactIndex, analogy, nearest
from rowspace.search.neighbors import key_store
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.vocabulary import Words
from rowspace.vocabulary.floret import Floret
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.subwords import Subwords

KEYS = ["king", "queen", "man", "woman", "boat", "car", "kings", "queens"]


@pytest.fixture(params=[NGrams(3, 4, 60), Floret(3, 4, 30, 2)], ids=["ngrams", "floret"])
def subword_table(request) -> Table:
    vocabulary = Subwords(Words.from_keys(KEYS), request.param)
    rows = np.random.default_rng(2).standard_normal((vocabulary.num_rows, 6)).astype(np.float32)
    return Table(vocabulary, DenseStore(rows))


@pytest.fixture
def plain(subword_table) -> Table:
    """The same keys with the same vectors, but no parts."""
    return Table.from_arrays(KEYS, np.array(subword_table.vectors))


def test_neighbors_are_those_of_the_keys_vectors(subword_table, plain):
    assert subword_table.shape[0] != len(subword_table)
    for key in KEYS:
        ours, theirs = nearest(subword_table, key, k=20), nearest(plain, key, k=20)
        assert ours.keys == theirs.keys
        np.testing.assert_array_equal(ours.scores, theirs.scores)
    assert nearest(subword_table, "king", limit=3, k=9).keys == nearest(plain, "king", limit=3, k=9).keys
    assert ExactIndex(key_store(subword_table)).num_rows == len(KEYS)


def test_a_word_never_seen_has_neighbors(subword_table, plain):
    assert "kingss" in subword_table
    found = nearest(subword_table, "kingss", k=8)
    assert found.keys == nearest(plain, subword_table["kingss"], k=8).keys
    assert sorted(found.keys) == sorted(KEYS)
    assert [len(each) for each in nearest(subword_table, ["kingss", "king"], k=8)] == [8, 7]


def test_a_word_without_parts_is_unknown():
    table = Table(Subwords(Words.from_keys(KEYS), NGrams(4, 5, 60)), DenseStore(np.ones((68, 2), np.float32)))
    with pytest.raises(UnknownKeyError, match="'x' is not"):
        nearest(table, ["kingss", "x"])


def test_analogies_are_those_of_the_keys_vectors(subword_table, plain, tmp_path):
    for method in ("add", "mul"):
        ours = analogy(subword_table, "man", "king", "woman", method=method)
        assert ours.keys == analogy(plain, "man", "king", "woman", method=method).keys
    assert len(analogy(subword_table, "man", "kingss", "woman", k=8)) == 6
    path = tmp_path / "questions.txt"
    path.write_text(": family\nman king woman queen\nking kings queen queens\nman woman boat car\n")
    ours, theirs = (evaluation.analogies(table, path) for table in (subword_table, plain))
    assert ours.total == theirs.total


def test_similarity_covers_words_by_their_parts(subword_table, plain):
    pairs = [("king", "queen", 5.0), ("king", "kingship", 4.0), ("man", "boat", 1.0), ("car", "cars", 3.0)]
    ours, theirs = (evaluation.similarity(table, pairs, bootstrap=0) for table in (subword_table, plain))
    assert (ours.covered, theirs.covered) == (4, 2)
    assert evaluation.similarity(subword_table, pairs, limit=8, bootstrap=0).covered == 2
    cosine = [
        float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
        for a, b in (subword_table.lookup(pair[:2]) for pair in pairs)
    ]
    assert ours.pearson == pytest.approx(np.corrcoef(cosine, [5, 4, 1, 3])[0, 1], abs=1e-6)
