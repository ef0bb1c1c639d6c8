"""What a trainer reads: vocabulary, counts by row, stream, and a fingerprint of it all."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import CorpusError
from rowspace.training.reading import Reading, VocabularyRules, counts_by_row, read_corpus
from rowspace.vocabulary import Words

DOCUMENTS = ["b a b", "c b a", "d"]


def read(documents, *, threads=1, **changes) -> Reading:
    rules = {"min_count": 2, "max_size": None, "unknown": "raise", "unknown_key": "<unk>"}
    rules |= {"special": (), "given": None, **changes}
    return read_corpus(documents, VocabularyRules(**rules), threads=threads, progress=False)


def test_frequent_keys_get_rows_and_the_figures_are_true():
    with (reading := read(DOCUMENTS)).stream:
        assert list(reading.words.keys) == ["b", "a"]
        assert reading.counts.tolist() == [3, 2]
        assert reading.stream.read(0, reading.stream.num_ids).tolist() == [0, 1, 0, -1, 0, 1, -1]
        assert {**reading.figures, "bytes": 0} == {
            "documents": 3, "tokens": 7, "bytes": 0, "kept": 5, "rows": 2,
        }  # fmt: skip


def test_rare_keys_share_the_unknown_row_where_it_is_trained():
    with (reading := read(DOCUMENTS, unknown="unknown", unknown_key="?")).stream:
        row = reading.words.unknown_row
        assert reading.words.keys[row] == "?"
        assert reading.counts[row] == 2
        assert reading.figures["kept"] == 7


def test_special_keys_have_rows_without_counts():
    with (reading := read(DOCUMENTS, special=["<pad>"])).stream:
        assert list(reading.words.keys) == ["<pad>", "b", "a"]
        assert reading.counts.tolist() == [0, 3, 2]


def test_a_given_vocabulary_is_counted_in_this_corpus():
    words = Words.from_keys(["c", "x", "b"], counts=np.array([100, 100, 100]))
    with (reading := read(DOCUMENTS, given=words)).stream:
        assert reading.words is words
        assert reading.counts.tolist() == [1, 0, 3]


def test_a_corpus_without_any_given_key_is_refused():
    with pytest.raises(CorpusError, match="none of its 7 tokens is one of the 1 keys"):
        read(DOCUMENTS, given=Words.from_keys(["x"]))


def test_counts_of_keys_that_share_a_row_add_up():
    rows = counts_by_row(np.array([1, -1, 1, 0], np.int32), np.array([5, 6, 7, 8]), 3)
    assert rows.tolist() == [8, 12, 0]


def test_the_fingerprint_tells_corpora_apart_and_not_threads():
    prints = []
    for documents, threads in (
        (DOCUMENTS, 1),
        (DOCUMENTS, 2),
        (["a b b", "c b a", "d"], 1),
        (["b a b c b a d"], 1),
    ):
        with (reading := read(documents, threads=threads)).stream:
            prints.append(reading.fingerprint())
    assert prints[0] == prints[1]
    assert prints[0]["vocabulary"] == prints[2]["vocabulary"]
    assert len({each["stream"] for each in prints}) == 3
