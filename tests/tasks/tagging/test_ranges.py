"""Spans as conlleval and seqeval count them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from rowspace.errors import CorpusError
from rowspace.tasks.tagging.ranges import bio_of, bioes_of, ranges_of, split_tag

CASES = {
    "": [],
    "O O": [],
    "B-x": [("x", 0, 1)],
    "B-x I-x O B-x": [("x", 0, 2), ("x", 3, 4)],
    "B-x B-x": [("x", 0, 1), ("x", 1, 2)],
    "I-x I-x": [("x", 0, 2)],  # IOB1, and BIO that breaks the rules
    "O I-x I-y": [("x", 1, 2), ("y", 2, 3)],
    "B-x I-y I-y": [("x", 0, 1), ("y", 1, 3)],
    "I-x B-x I-x": [("x", 0, 1), ("x", 1, 3)],
    "S-x S-x": [("x", 0, 1), ("x", 1, 2)],
    "B-x I-x E-x E-x": [("x", 0, 3), ("x", 3, 4)],
    "B-x E-x I-x": [("x", 0, 2), ("x", 2, 3)],
    "S-x I-x": [("x", 0, 1), ("x", 1, 2)],
    "B-x S-x": [("x", 0, 1), ("x", 1, 2)],
    "B-x L-x U-y": [("x", 0, 2), ("y", 2, 3)],  # BILOU
    "B-creative-work I-creative-work": [("creative-work", 0, 2)],
}


@pytest.mark.parametrize("tags", CASES)
def test_ranges_of_each_case(tags):
    assert ranges_of(tags.split()) == CASES[tags]


def test_written_tags_are_read_back():
    rng = np.random.default_rng(1)
    for _ in range(100):
        cuts = np.flatnonzero(rng.random(12) < 0.4).tolist()
        spans = [(str(rng.choice(["x", "y"])), a, b) for a, b in pairwise(cuts)]
        spans = [span for span in spans if rng.random() < 0.7]
        assert ranges_of(bio_of(spans, 12)) == spans
        assert ranges_of(bioes_of(spans, 12)) == spans


@pytest.mark.parametrize("tag", ["", "B", "B-", "X-x", "b-x", "person"])
def test_other_tags_are_refused(tag):
    with pytest.raises(CorpusError, match="a tag must be O"):
        split_tag(tag)
