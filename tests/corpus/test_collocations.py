"""Counting and scoring pairs: against Python counts, whatever threads and parts."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from rowspace.corpus import collocations, open_corpus
from rowspace.corpus.collocations import ConnectorMap, KeyFinder, count_pairs, find_collocations, score_pairs

_RNG = np.random.default_rng(4)
WORDS = np.array(["a", "of", "king", "queen", "naïve", "\udcff", "東京"])
TEXT = [_RNG.choice(WORDS, _RNG.integers(1, 9)).tolist() for _ in range(300)]


def expected(connectors: list[str]) -> Counter[tuple[str, ...]]:
    counts: Counter[tuple[str, ...]] = Counter()
    for document in TEXT:
        for start, first in enumerate(document):
            end = start + 1
            while end < len(document) and document[end] in connectors:
                end += 1
            if first not in connectors and end < len(document):
                counts[tuple(document[start : end + 1])] += 1
    return counts


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("connectors", [[], ["of"], ["of", "a", "absent"]])
def test_pairs_are_counted_between_connectors(
    threads: int, connectors: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collocations, "TOKENS_A_PART", 400)
    monkeypatch.setattr(collocations, "FIRST_PLACES", 1)
    monkeypatch.setattr(collocations, "READ_IDS", 100)
    corpus = open_corpus(TEXT, errors="surrogateescape")
    with corpus.scan() as scan, scan.encode(np.arange(len(scan.keys), dtype=np.int32)) as stream:
        marks = ConnectorMap.of(KeyFinder(scan.keys), connectors, len(scan.keys))
        pairs, num_distinct = count_pairs(stream, marks, 1, threads)
        counted = {
            (
                scan.keys[pair >> 32],
                *(connectors[number] for number in marks.between(link)),
                scan.keys[pair & 0xFFFFFFFF],
            ): count
            for pair, link, count in pairs.tolist()
        }
    assert counted == expected(connectors)
    assert num_distinct == len(counted)


def test_a_pair_below_min_count_is_left_out_but_counted_as_distinct() -> None:
    with open_corpus(TEXT, errors="surrogateescape").scan() as scan:
        few = find_collocations(scan, min_count=20, threshold=-1, scoring="npmi", connectors=[], threads=1)
    assert few.keys() == {pair for pair, count in expected([]).items() if count >= 20}
    assert list(few.values()) == sorted(few.values(), reverse=True)


def test_scores_by_hand() -> None:
    counts = np.array([8]), np.array([10]), np.array([16])
    figures = {"min_count": 5, "distinct": 1000, "tokens": 10_000}
    assert score_pairs(*counts, scoring="default", **figures) == pytest.approx([3 / 160 * 1000])
    npmi = math.log(8e-4 / (1e-3 * 1.6e-3)) / -math.log(8e-4)
    assert score_pairs(*counts, scoring="npmi", **figures) == pytest.approx([npmi])


def test_a_corpus_that_is_one_pair_scores_no_nan() -> None:
    one = np.array([1])
    assert score_pairs(one, one, one, scoring="npmi", min_count=1, distinct=3, tokens=1) == [-np.inf]


def test_the_result_depends_on_neither_threads_nor_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for threads, tokens in ((1, 1 << 20), (2, 1 << 20), (3, 100)):
        monkeypatch.setattr(collocations, "TOKENS_A_PART", tokens)
        with open_corpus(TEXT, errors="surrogateescape").scan() as scan:
            options = {"min_count": 1, "threshold": 0.0, "scoring": "default", "connectors": ["of"]}
            found.append(list(find_collocations(scan, threads=threads, **options).items()))
    assert found[0] == found[1] == found[2] and len(found[0]) > 10
