"""Words in stretches of three characters."""

from __future__ import annotations

import numpy as np

from rowspace.tasks.tagging.spelling import Spelling

RNG = np.random.default_rng(0)
WORDS = [RNG.integers(1, 5, size).tolist() for size in RNG.integers(1, 9, 40)]
SPELLING = Spelling.of_rows(WORDS, padding=0)


def told(spelling):
    """The characters of each word, from its stretches."""
    for start, stop in zip(spelling.starts[:-1], spelling.starts[1:], strict=True):
        stretches = spelling.stretches[spelling.ids[start:stop]]
        assert not stretches[0, 0]
        assert not stretches[-1, 2]
        np.testing.assert_array_equal(stretches[1:, :2], stretches[:-1, 1:])
        yield stretches[:, 1].tolist()


def test_every_word_is_told_by_its_stretches():
    assert list(told(SPELLING)) == WORDS
    assert len(np.unique(SPELLING.stretches, axis=0)) == len(SPELLING.stretches)


def test_some_words_bring_only_their_own_stretches():
    chosen = np.array([7, 3, 7, 39])
    part = SPELLING.of_words(chosen)
    assert list(told(part)) == [WORDS[word] for word in chosen]
    assert sorted(set(part.ids.tolist())) == list(range(len(part.stretches)))
    assert len(part.stretches) < len(SPELLING.stretches)
