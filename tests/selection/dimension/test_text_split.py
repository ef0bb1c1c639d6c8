"""A tenth held out, the rest in two halves, nothing lost."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from rowspace.corpus import open_corpus
from rowspace.errors import CorpusError, UnwritableKeyError
from rowspace.selection.dimension.text_split import split


def tokens(corpus):
    return [token for document in corpus for token in document]


@pytest.fixture
def numbered(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(
        "".join(" ".join(str(10 * line + place) for place in range(10)) + "\n" for line in range(1_000))
    )
    return path


def test_parts_are_the_whole_without_overlap(numbered, tmp_path):
    parts = split(numbered, tmp_path, threads=1)
    first, second = map(tokens, parts.halves)
    held_out, train = tokens(parts.held_out), tokens(parts.train)
    assert Counter(first + second + held_out) == Counter(map(str, range(10_000)))
    assert sorted(first + second) == sorted(train)
    assert len(held_out) == 1_000
    assert len(first) == len(second) == 4_500


def test_held_out_text_lies_in_blocks(numbered, tmp_path):
    held_out = [int(token) for token in tokens(split(numbered, tmp_path, threads=1).held_out)]
    jumps = sum(second != first + 1 for first, second in pairwise(held_out))
    assert jumps == 9  # ten blocks of a hundredth each


def test_one_long_line_is_shared_out(tmp_path):
    parts = split([[str(place) for place in range(50_000)]], tmp_path, threads=1)
    assert len(tokens(parts.held_out)) == 5_000
    assert max(map(len, parts.train)) == 500


def test_bytes_that_are_no_text_survive(tmp_path):
    path = tmp_path / "latin.txt"
    path.write_bytes(b"caf\xe9 b\n" * 100)
    corpus = open_corpus(path, errors="surrogateescape")
    assert Counter(tokens(split(corpus, tmp_path, threads=1).train)) == {"caf\udce9": 90, "b": 90}


def test_too_little_text(tmp_path):
    with pytest.raises(CorpusError, match="give more text"):
        split([["a", "b"]], tmp_path, threads=1)


def test_tokens_with_white_space_are_refused(tmp_path):
    with pytest.raises(UnwritableKeyError, match="white space"):
        split([["new york", "b"]] * 100, tmp_path, threads=1)
