"""Purity and mutual information by their definitions."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rowspace.evaluation.purity import contingency, in_majority, mutual_information

LABELS = st.integers(1, 30).flatmap(
    lambda n: st.tuples(*[arrays(np.int64, n, elements=st.integers(0, 5))] * 2)
)


@settings(deadline=None)
@given(LABELS)
def test_purity_counts_the_largest_category_of_each_cluster(labels):
    clusters, categories = labels
    largest = sum(
        max(Counter(categories[clusters == each].tolist()).values()) for each in np.unique(clusters)
    )
    assert in_majority(clusters, categories).sum() == largest
    assert contingency(clusters, categories).sum() == len(clusters)


@settings(deadline=None)
@given(LABELS)
def test_mutual_information_is_symmetric_and_bounded(labels):
    clusters, categories = labels
    score = mutual_information(clusters, categories)
    assert (score is None) == (len(set(clusters.tolist())) == 1 or len(set(categories.tolist())) == 1)
    assert score == pytest.approx(mutual_information(categories, clusters))
    assert score is None or 0 <= score <= 1


def test_perfect_and_independent_clusters():
    kinds = np.array([0, 0, 1, 1, 2, 2])
    assert mutual_information((kinds + 1) % 3, kinds) == pytest.approx(1)
    assert in_majority((kinds + 1) % 3, kinds).all()
    assert mutual_information(np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])) == pytest.approx(0)


def test_no_words():
    none = np.zeros(0, np.int64)
    assert in_majority(none, none).shape == (0,)
    assert mutual_information(none, none) is None
