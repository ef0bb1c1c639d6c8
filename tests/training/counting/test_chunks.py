"""Chunks: each token a center once, with all of its surroundings."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.training.counting import chunks as cooccurrence_chunks
from rowspace.training.counting.chunks import chunks


class ArrayStream:
    """An encoded stream in memory."""

    def __init__(self, ids):
        self.ids = np.asarray(ids, np.int32)
        self.num_ids = len(self.ids)

    def read(self, start, stop):
        return self.ids[start:stop].copy()


@pytest.mark.parametrize(
    ("size", "length", "window"), [(100, 7, 2), (100, 50, 5), (50, 500, 3), (0, 9, 2), (9, 9, 2)]
)
def test_every_token_is_a_center_once_and_sees_its_window(monkeypatch, size, length, window):
    monkeypatch.setattr(cooccurrence_chunks, "READ_IDS", 13)
    seen, last = [], []
    for chunk in chunks(ArrayStream(np.arange(size)), length, window=window, keep=None, seed=0):
        assert len(chunk.tokens) <= length
        for place in range(chunk.first, chunk.last):
            center = int(chunk.tokens[place])
            around = chunk.tokens[max(0, place - window) : place + window + 1].tolist()
            assert around == list(range(max(0, center - window), min(size, center + window + 1)))
            seen.append(center)
        last.append(chunk.is_last)
    assert seen == list(range(size))
    assert last == [False] * (len(last) - 1) + [True]


def test_dropped_tokens_leave_no_gap(monkeypatch):
    monkeypatch.setattr(cooccurrence_chunks, "READ_IDS", 10)
    stream = ArrayStream(np.arange(60) % 2)
    keep = np.array([2**32 - 1, 2**31], np.uint32)  # of row 1 about half
    found = list(chunks(stream, 1_000, window=3, keep=keep, seed=5))
    assert len(found) == 1
    tokens = found[0].tokens
    assert (tokens == 0).sum() == 30 and 5 < (tokens == 1).sum() < 25
