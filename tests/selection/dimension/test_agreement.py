"""The agreement of cosines with what meets in a text, against SciPy and a count by hand."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from rowspace.corpus import open_corpus
from rowspace.errors import CorpusError
from rowspace.selection.dimension.agreement import HeldOutPairs, unit_rows
from rowspace.vocabulary import Words

KEYS = [f"k{row}" for row in range(12)]


@pytest.fixture(scope="module")
def documents():
    rng = np.random.default_rng(2)
    return [[*rng.choice(KEYS[:9], 7), "rare"] for _ in range(40)] + [["k10", "k11"]] * 4


def information_of(documents, keys, window):
    """PMI by its definition, one pair at a time; a token without a row leaves no gap."""
    weights = Counter()
    for document in documents:
        known = [token for token in document if token in keys]
        for center, token in enumerate(known):
            for place in range(max(0, center - window), min(len(known), center + window + 1)):
                if place != center:
                    weights[token, known[place]] += (window + 1 - abs(place - center)) / window
    sums = Counter()
    for (token, _), weight in weights.items():
        sums[token] += weight
    return {
        (x, y): math.log(weight / sums[x] / sums[y] ** 0.75)
        for (x, y), weight in weights.items()
        if keys.index(x) < keys.index(y)
    }


def test_it_is_spearman_of_cosines_and_information(documents):
    stats = pytest.importorskip("scipy.stats")
    vectors = np.random.default_rng(3).standard_normal((len(KEYS), 4)).astype(np.float32)
    pairs = HeldOutPairs.count(open_corpus(documents), Words.from_keys(KEYS), window=3, threads=1)
    counts = Counter(token for document in documents for token in document)
    expected = {
        pair: value
        for pair, value in information_of(documents, KEYS, 3).items()
        if min(counts[key] for key in pair) >= 5  # k10 and k11 are too rare
    }
    assert len(pairs.first) == len(expected)
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = [float(units[KEYS.index(x)] @ units[KEYS.index(y)]) for x, y in expected]
    correlation = stats.spearmanr(cosines, list(expected.values())).statistic
    assert pairs.agreement(vectors) == pytest.approx(correlation, abs=1e-6)


def test_rows_without_direction_agree_with_nothing(documents):
    pairs = HeldOutPairs.count(open_corpus(documents), Words.from_keys(KEYS), window=3, threads=1)
    assert pairs.agreement(np.zeros((len(KEYS), 3), np.float32)) == 0
    assert pairs.agreement(np.ones((len(KEYS), 3), np.float32)) == pytest.approx(0, abs=0.2)


def test_the_length_of_rows_does_not_count(documents):
    pairs = HeldOutPairs.count(open_corpus(documents), Words.from_keys(KEYS), window=3, threads=1)
    rng = np.random.default_rng(4)
    vectors = rng.standard_normal((len(KEYS), 5)).astype(np.float32)
    longer = vectors * rng.uniform(0.5, 9, (len(KEYS), 1)).astype(np.float32)
    assert pairs.agreement(longer) == pytest.approx(pairs.agreement(vectors), abs=1e-3)


def test_too_few_pairs():
    with pytest.raises(CorpusError, match="give more text"):
        HeldOutPairs.count(open_corpus([["a", "b"]] * 9), Words.from_keys(["a", "b"]), window=2, threads=1)


def test_unit_rows_leave_zeros():
    units = unit_rows(np.array([[3, 4], [0, 0]], np.float32))
    np.testing.assert_allclose(units, [[0.6, 0.8], [0, 0]], rtol=1e-6)
