"""The report before training."""

from __future__ import annotations

from rowspace.corpus import open_corpus
from rowspace.vocabulary import Words, build_words, preflight


def test_sizes() -> None:
    documents = [["a"] * 6 + ["b"], ["c"] * 3]
    with open_corpus(documents).scan() as scan:
        words = build_words(scan, min_count=3)
        report = preflight(scan, words, dim=10, epochs=5, words_per_second=9.0)
        other = preflight(scan, Words.from_keys(["b", "z"]), dim=10, epochs=5)
    assert (report.documents, report.tokens, report.distinct) == (2, 10, 3)
    assert (report.rows, report.kept_tokens, report.seconds) == (2, 9, 5.0)
    assert report.memory_bytes >= 2 * 2 * 10 * 4
    assert report.stream_bytes == 4 * (9 + 2)
    assert (other.rows, other.kept_tokens, other.seconds) == (2, 1, None)


def test_describe_is_what_str_gives_and_tells_the_time_where_known() -> None:
    with open_corpus([["a"] * 5]).scan() as scan:
        words = build_words(scan)
        known = preflight(scan, words, dim=10, epochs=2, words_per_second=1.0)
        unknown = preflight(scan, words, dim=10, epochs=2)
    assert str(known) == known.describe()
    assert known.describe().endswith("about 10 s to train")
    assert "train" not in unknown.describe()


def test_an_empty_corpus_has_a_report() -> None:
    with open_corpus([]).scan() as scan:
        assert "keep 0 tokens (0.0%)" in preflight(scan, Words.from_keys(["a"]), dim=1, epochs=1).describe()
