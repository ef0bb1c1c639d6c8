"""Spans cover the stream once, in order, and end with documents where they can."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace.arrays import END, Stream
from rowspace.training import spans
from rowspace.training.spans import cut


class ArrayStream:
    """A stream in memory."""

    def __init__(self, ids: np.ndarray) -> None:
        self.ids = ids.astype(np.int32)

    @property
    def num_ids(self) -> int:
        return len(self.ids)

    def read(self, start: int, stop: int) -> Stream:
        assert 0 <= start <= stop <= len(self.ids)
        return self.ids[start:stop].copy()


def documents(lengths: list[int]) -> ArrayStream:
    return ArrayStream(np.concatenate([np.append(np.zeros(length), END) for length in lengths]))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 9_000), min_size=1, max_size=60))
def test_spans_cover_everything_once(lengths):
    stream = documents(lengths)
    boundaries = cut(stream)
    assert boundaries[0] == 0 and boundaries[-1] == stream.num_ids
    sizes = np.diff(boundaries)
    assert (sizes > 0).all() and sizes.max() <= spans.LONGEST


def test_cuts_fall_behind_the_end_of_a_document():
    stream = documents([100] * 200)
    boundaries = cut(stream)
    assert len(boundaries) > 10
    assert all(stream.ids[end - 1] == END for _, end in pairwise(boundaries))


def test_a_document_without_end_is_cut_all_the_same():
    stream = ArrayStream(np.append(np.zeros(200_000), END))
    assert np.diff(cut(stream)).max() == 200_001 // spans.SPANS_WANTED


@pytest.mark.parametrize("size", [1, 2, spans.SHORTEST, spans.SHORTEST + 1])
def test_a_tiny_stream_is_one_or_two_spans(size):
    assert len(cut(ArrayStream(np.full(size, END)))) == (2 if size <= spans.SHORTEST else 3)
