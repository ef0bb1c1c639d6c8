"""What a report says."""

from __future__ import annotations

import json
import math

from rowspace.tasks.generation import LanguageReport


def test_shares_and_words():
    report = LanguageReport(loss=math.log(50), tokens=1100, sentences=100, unknown=50)
    assert report.unknown_share == 0.05
    assert math.isclose(report.perplexity, 50)
    assert str(report) == (
        "perplexity 50.00 over 1,100 tokens of 100 sentences; 5.0 % of the words are unknown"
    )
    assert json.loads(json.dumps(report.to_dict()))["tokens"] == 1100


def test_extremes_are_defined():
    assert LanguageReport(1e9, 1, 1, 0).perplexity == math.inf
    assert LanguageReport(0.0, 1, 1, 0).unknown_share == 0
