"""Span: a labelled stretch of a text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rowspace.tasks.tagging.ranges import Range
from rowspace.tasks.tagging.tokens import Places


@dataclass(frozen=True)
class Span:
    """A label, the tokens ``[first, stop)`` that have it, and the characters ``[start, end)`` they cover."""

    label: str
    text: str
    first: int
    stop: int
    start: int
    end: int

    def to_dict(self) -> dict[str, str | int]:
        """The same as JSON."""
        return dict(vars(self))


def spans_of(ranges: Iterable[Range], text: str, places: Places) -> list[Span]:
    """The spans of ranges of tokens that lie at `places` of `text`.

    >>> spans_of([("LOC", 1, 3)], "in New York", [(0, 2), (3, 6), (7, 11)])
    [Span(label='LOC', text='New York', first=1, stop=3, start=3, end=11)]
    """
    found = []
    for label, first, stop in ranges:
        start, end = places[first][0], places[stop - 1][1]
        found.append(Span(label, text[start:end], first, stop, start, end))
    return found
