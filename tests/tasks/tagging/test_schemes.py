"""What may follow what, against every sequence that a set of spans can give."""

from __future__ import annotations

from itertools import pairwise, product

import pytest

from rowspace.tasks.tagging.ranges import ranges_of
from rowspace.tasks.tagging.schemes import WRITERS, legal_transitions, scheme_of, tags_of


@pytest.mark.parametrize("scheme", ["BIO", "BIOES"])
@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_legal_sequences_are_those_that_spans_give(scheme, length):
    tags = tags_of(["x", "y"], scheme)
    legal = legal_transitions(tags, scheme)
    for path in product(range(len(tags)), repeat=length):
        allowed = legal.starts[path[0]] and legal.ends[path[-1]]
        allowed = allowed and all(legal.follows[a, b] for a, b in pairwise(path))
        names = [tags[tag] for tag in path]
        assert allowed == (WRITERS[scheme](ranges_of(names), length) == names), names


def test_the_scheme_is_told_from_the_tags():
    assert scheme_of(["O", "I-x", "B-x"]) == "BIO"
    assert scheme_of(["O", "U-x"]) == scheme_of(["B-x", "E-x"]) == "BIOES"
    assert tags_of(["x"], "BIO") == ["O", "B-x", "I-x"]
