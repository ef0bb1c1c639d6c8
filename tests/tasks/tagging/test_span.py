"""Spans with their characters."""

from __future__ import annotations

from rowspace.tasks.tagging.span import Span, spans_of


def test_a_span_covers_its_tokens_in_the_text():
    text, places = "in New  York now", [(0, 2), (3, 6), (8, 12), (13, 16)]
    [span] = spans_of([("LOC", 1, 3)], text, places)
    assert span == Span("LOC", "New  York", first=1, stop=3, start=3, end=12)
    assert span.to_dict() == {
        "label": "LOC", "text": "New  York", "first": 1, "stop": 3, "start": 3, "end": 12
    }  # fmt: skip
