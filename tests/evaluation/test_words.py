"""Which words have a vector, and that it is of length one."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.evaluation.words import word_units
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.vocabulary import Words
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.subwords import Subwords


@pytest.fixture
def small():
    vectors = np.array([[3, 4], [0, 0], [np.nan, 1], [1e30, 1e30], [0, np.inf]], np.float32)
    return Table.from_arrays(["five", "zero", "nan", "huge", "inf"], vectors)


def test_units(small):
    units, places = word_units(small, ["huge", "Five", "zero", "five", "zzz"], fold=True, limit=None)
    np.testing.assert_allclose(units[places[:4]], [[0.5**0.5] * 2, [0.6, 0.8], [0, 0], [0.6, 0.8]])
    assert places[1] == places[3]
    assert places[4] == -1


def test_vectors_that_are_not_finite_are_missing(small):
    _, places = word_units(small, ["nan", "five", "inf"], fold=False, limit=None)
    assert (places >= 0).tolist() == [False, True, False]


def test_case_and_limit(small):
    assert word_units(small, ["Five"], fold=False, limit=None).places.tolist() == [-1]
    assert (word_units(small, ["five", "huge"], fold=False, limit=3).places >= 0).tolist() == [True, False]


def test_no_words_and_no_keys(small):
    units, places = word_units(small, [], fold=True, limit=None)
    assert (units.shape, places.shape) == ((0, 2), (0,))
    empty = Table.from_arrays([], np.zeros((0, 3), np.float32))
    assert word_units(empty, ["a"], fold=True, limit=None).places.tolist() == [-1]


def test_words_made_of_subwords_count_without_a_limit():
    vocabulary = Subwords(Words.from_keys(["kitten", "kitchen"]), NGrams(3, 4, 60))
    rows = np.random.default_rng(2).standard_normal((vocabulary.num_rows, 6)).astype(np.float32)
    table = Table(vocabulary, DenseStore(rows))
    units, places = word_units(table, ["kitty", "kitten"], fold=True, limit=None)
    np.testing.assert_allclose(np.linalg.norm(units[places], axis=1), 1)
    assert (word_units(table, ["kitty", "kitten"], fold=True, limit=9).places >= 0).tolist() == [False, True]
