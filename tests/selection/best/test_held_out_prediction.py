"""Gaps in text against a plain loop, and a score that knows good rows from bad."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.selection.best.held_out_prediction import RARE, WINDOW, Gaps


@pytest.fixture
def text():
    """Documents of nine tokens that all come from one of two halves of two thousand keys."""
    rng = np.random.default_rng(6)
    documents = [rng.integers(0, 1000, 9) + 1000 * (number % 2) for number in range(300)]
    return np.concatenate([[*document, -1] for document in documents]).astype(np.int32)


@pytest.fixture
def gaps(text):
    return Gaps.draw(text, np.full(2000, 10), seed=0)


def test_neighbors_are_those_of_the_document(text, gaps):
    at = 0
    for place, word in enumerate(text.tolist()):
        if word == -1:
            continue
        start = place - place % 10
        document = text[start : start + 9].tolist()
        within = place % 10
        expected = {*document[max(0, within - WINDOW) : within], *document[within + 1 : within + 1 + WINDOW]}
        assert gaps.words[at] == word
        assert set(gaps.neighbors[at].tolist()) - {-1} == expected
        at += 1
    assert at == len(gaps.words)


def test_rows_that_know_the_document_win():
    """Rows of which each document's words share one direction of their own, and noise words none."""
    rng = np.random.default_rng(0)
    documents = np.split(np.arange(1000), 100)
    ids = np.concatenate([[*rng.permutation(words), -1] for words in documents]).astype(np.int32)
    counts = np.array([1] * 1000 + [10_000] * 1000)
    good = np.zeros((2000, 101), np.float32)
    good[np.arange(1000), np.repeat(np.arange(100), 10)] = good[1000:, 100] = 1
    gaps = Gaps.draw(ids, counts, seed=0)
    assert gaps.score(good) > 0.9
    bad = rng.standard_normal((2000, 8)).astype(np.float32)
    assert gaps.score(bad) < 0.05


def test_a_score_is_the_share_of_gaps_that_beat_all_noise(gaps):
    rows = np.random.default_rng(1).standard_normal((2000, 4)).astype(np.float32)
    rows[gaps.words[:25]] *= 20
    wins = []
    for word, neighbors in zip(gaps.words[:50], gaps.neighbors[:50], strict=True):
        around = sum(rows[each] * gaps.shares[each] for each in neighbors if each >= 0)
        noise = np.where(gaps.noise == word, -np.inf, rows[gaps.noise] @ around)
        wins.append((noise < rows[word] @ around).all())
    few = Gaps(gaps.words[:50], gaps.neighbors[:50], gaps.shares, gaps.noise)
    assert 0 < np.mean(wins) < 1
    assert few.score(rows) == pytest.approx(np.mean(wins))


def test_frequent_words_weigh_less_and_make_no_gaps():
    counts = np.array([1_000_000, *[1] * 9])
    gaps = Gaps.draw(np.array([0, 1, 0, 2, -1], np.int32), counts, seed=0)
    assert sorted(gaps.words.tolist()) == [1, 2]
    assert gaps.shares[0] == pytest.approx(RARE / (RARE + counts[0] / counts.sum()))


def test_no_text_says_nothing():
    gaps = Gaps.draw(np.zeros(0, np.int32), np.ones(3, np.int64), seed=0)
    assert gaps.score(np.eye(3, dtype=np.float32)) == 0
