"""Scores."""

from __future__ import annotations

import pytest

from rowspace.tasks.translation.report import score

PAIRS = [("a", "the cat sat on the mat"), ("b", "a dog barked at me"), ("a", "the cat was on the mat")]
FOUND = {"a": "the cat was on the mat", "b": "a dog barked at him"}


def test_scores_are_sacrebleus():
    sacrebleu = pytest.importorskip("sacrebleu")
    report = score(PAIRS, FOUND, 1.5)
    alone = sacrebleu.corpus_bleu([FOUND[source] for source, _ in PAIRS], [[target for _, target in PAIRS]])
    together = sacrebleu.corpus_bleu(
        [FOUND["a"], FOUND["b"]], [[PAIRS[0][1], PAIRS[1][1]], [PAIRS[2][1], None]]
    )
    assert report.bleu == pytest.approx(alone.score)
    assert report.bleu_of_all == pytest.approx(together.score)
    assert report.bleu < report.bleu_of_all < 100
    assert report.chrf < report.chrf_of_all
    assert report.to_dict()["sources"] == 2
    assert "BLEU" in str(report)
