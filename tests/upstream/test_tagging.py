"""Spans and their scores against seqeval, the package that papers on tagging score with."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from rowspace.tasks.tagging.ranges import ranges_of
from rowspace.tasks.tagging.report import compare

pytestmark = pytest.mark.upstream
metrics = pytest.importorskip("seqeval.metrics")


@pytest.mark.parametrize("prefixes", ["BI", "BIES", "I"])
def test_spans_are_those_of_seqeval(prefixes):
    rng = np.random.default_rng(0)
    alphabet = ["O", *(f"{prefix}-{label}" for prefix in prefixes for label in ("x", "y"))]
    for _ in range(300):
        tags = rng.choice(alphabet, 8).tolist()
        theirs = [
            (label, first, last + 1) for label, first, last in metrics.sequence_labeling.get_entities(tags)
        ]
        assert ranges_of(tags) == theirs, tags


@pytest.mark.parametrize("wrong", [0.0, 0.2, 1.0])
def test_scores_are_those_of_seqeval(wrong):
    rng, tags = np.random.default_rng(0), ["O", "O", "B-x", "I-x", "B-y", "I-y"]
    data = [rng.choice(tags, 10).tolist() for _ in range(200)]
    found = [[rng.choice(tags) if rng.random() < wrong else tag for tag in each] for each in data]
    report = compare([ranges_of(each) for each in data], [ranges_of(each) for each in found], ("x", "y"))
    theirs = metrics.classification_report(data, found, output_dict=True)
    for ours, name in ((report.total, "micro avg"), (report.labels["x"], "x"), (report.labels["y"], "y")):
        assert ours.f1 == pytest.approx(theirs[name]["f1-score"], abs=1e-12)
        assert ours.precision == pytest.approx(theirs[name]["precision"], abs=1e-12)
        assert ours.recall == pytest.approx(theirs[name]["recall"], abs=1e-12)
        assert ours.spans == theirs[name]["support"]
