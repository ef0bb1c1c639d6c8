"""Scores and joins are those of gensim's Phrases."""

from __future__ import annotations

from pathlib import Path

import pytest

from rowspace.corpus.phrases import ENGLISH_CONNECTORS, learn_phrases

gensim = pytest.importorskip("gensim.models.phrases")
pytestmark = pytest.mark.upstream


@pytest.fixture(scope="module")
def sentences(data_dir: Path) -> list[list[str]]:
    lines = (data_dir / "corpus" / "wiki.valid.txt").read_text().splitlines()[:1500]
    return [tokens for line in lines if (tokens := line.split())]


@pytest.mark.parametrize("connectors", [(), ENGLISH_CONNECTORS], ids=["plain", "connectors"])
@pytest.mark.parametrize(("scoring", "threshold"), [("default", 10.0), ("npmi", 0.5)])
def test_agrees_with_gensim(sentences, connectors, scoring, threshold) -> None:
    theirs = gensim.Phrases(
        sentences, min_count=4, threshold=threshold, scoring=scoring, connector_words=frozenset(connectors)
    )
    ours = learn_phrases(
        sentences, min_count=4, threshold=threshold, scoring=scoring, connectors=connectors, threads=2
    )
    assert ours.scores == pytest.approx(theirs.export_phrases(), rel=1e-12)
    assert len(ours) > 50
    assert list(ours.apply(sentences)) == [theirs[sentence] for sentence in sentences]


def test_a_second_pass_agrees_with_gensim(sentences) -> None:
    first = gensim.Phrases(sentences, min_count=4, threshold=10.0)
    second = gensim.Phrases(first[sentences], min_count=4, threshold=10.0)
    ours = learn_phrases(sentences, min_count=4, threshold=10.0, passes=2)
    assert list(ours.apply(sentences)) == [second[first[sentence]] for sentence in sentences]
