"""Sub-sampling follows word2vec.c; the alias table is the noise distribution, exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace.training.sampling import alias_table, keep_thresholds, noise_weights

ALWAYS = 2**32 - 1


def drawn_shares(threshold: np.ndarray, alias: np.ndarray) -> np.ndarray:
    """The probability of each row, added up over all places of the table."""
    accepted = (threshold.astype(np.float64) + 1) / 2**32
    shares = accepted.copy()
    np.add.at(shares, alias, 1 - accepted)
    return shares / len(threshold)


def test_frequent_rows_are_thinned_and_rare_ones_kept():
    counts = np.array([50_000, 5_000, 50, 5])
    share = counts / counts.sum()
    expected = np.minimum((np.sqrt(share / 1e-3) + 1) * 1e-3 / share, 1)
    assert keep_thresholds(counts, 1e-3) / 2**32 == pytest.approx(expected, abs=1e-8)
    assert keep_thresholds(counts, 1e-3)[-1] == ALWAYS


def test_no_sub_sampling_keeps_every_token():
    assert (keep_thresholds(np.array([1_000_000, 0, 1]), 0) == ALWAYS).all()


def test_rows_without_counts_do_no_harm():
    assert keep_thresholds(np.array([0, 3]), 1e-3).dtype == np.uint32
    assert keep_thresholds(np.zeros(2, np.int64), 1e-3).tolist() == [ALWAYS, ALWAYS]


@pytest.mark.upstream
def test_thresholds_are_those_of_gensim():
    models = pytest.importorskip("gensim.models")
    corpus = [["a"] * 60 + ["b"] * 30 + ["c"] * 5 + ["d"]]
    model = models.Word2Vec(sample=1e-2, min_count=1)
    model.build_vocab(corpus)
    theirs = [model.wv.get_vecattr(key, "sample_int") for key in "abcd"]
    ours = keep_thresholds(np.array([60, 30, 5, 1]), 1e-2)
    assert ours.tolist() == pytest.approx(theirs, abs=2)


@pytest.mark.parametrize("exponent", [0.75, 1.0, 0.0, -0.5])
def test_a_row_without_counts_is_never_noise(exponent):
    weights = noise_weights(np.array([4, 0, 1]), exponent)
    assert weights.tolist() == [4.0**exponent, 0.0, 1.0]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.one_of(st.just(0.0), st.floats(1e-6, 1e9)), min_size=1, max_size=60))
def test_an_alias_table_draws_each_row_by_its_weight(weights):
    weights = np.array(weights)
    threshold, alias = alias_table(weights)
    total = weights.sum()
    expected = weights / total if total else np.full(len(weights), 1 / len(weights))
    assert threshold.dtype == np.uint32 and alias.dtype == np.int32
    assert ((alias >= 0) & (alias < len(weights))).all()
    np.testing.assert_allclose(drawn_shares(threshold, alias), expected, atol=3e-9)


def test_a_large_table_stays_exact():
    weights = noise_weights(np.random.default_rng(1).zipf(1.3, 300_000).clip(max=10**9), 0.75)
    np.testing.assert_allclose(drawn_shares(*alias_table(weights)), weights / weights.sum(), atol=1e-14)


def test_one_row_and_equal_rows_need_no_alias():
    assert alias_table(np.array([3.0]))[0].tolist() == [ALWAYS]
    threshold, _ = alias_table(np.full(7, 2.5))
    assert threshold.tolist() == [ALWAYS] * 7
