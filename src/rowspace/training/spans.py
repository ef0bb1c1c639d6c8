"""Where the stream is cut into the spans that workers take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Int64

from rowspace.arrays import END, Stream

LONGEST = 65_536  # ids: tens of milliseconds of training, so a stop is prompt and threads rarely idle
SHORTEST = 1_024
SPANS_WANTED = 64  # in a small corpus, so that the learning rate falls smoothly and threads share the work
LOOK_BACK = 2_048  # ids before a cut in which the end of a document is looked for

Boundaries = Int64[np.ndarray, "spans_plus_1"]


@runtime_checkable
class EncodedStream(Protocol):
    """Documents as row ids, each closed by END: an encoded corpus."""

    @property
    def num_ids(self) -> int:
        """The number of ids, END markers included."""
        ...

    def read(self, start: int, stop: int) -> Stream:
        """The ids [start, stop) as a copy; any thread may call it."""
        ...


@runtime_checkable
class SpanStream(Protocol):
    """What the loop trains on: anything that is cut into spans and read by them."""

    @property
    def num_ids(self) -> int:
        """The length of the stream, in whatever `boundaries` counts."""
        ...

    def boundaries(self) -> Boundaries:
        """Where spans begin and end, from 0 to num_ids; the same in every run."""
        ...

    def read(self, start: int, stop: int) -> np.ndarray:
        """What lies in [start, stop), for the step; any thread may call it."""
        ...


@dataclass(frozen=True, eq=False)
class TokenSpans:
    """The spans of an encoded corpus."""

    stream: EncodedStream

    @property
    def num_ids(self) -> int:
        """The number of ids, END markers included."""
        return self.stream.num_ids

    def boundaries(self) -> Boundaries:
        """Cuts behind the ends of documents where they are near."""
        return cut(self.stream)

    def read(self, start: int, stop: int) -> Stream:
        """The ids [start, stop) as a copy."""
        return self.stream.read(start, stop)


def cut(stream: EncodedStream) -> Boundaries:
    """Cut the stream into spans [b, next b), behind the end of a document where one is near.

    The cuts depend on the stream alone: not on the number of threads, nor on pauses. So a run that is
    resumed, or that has one worker for four threads, meets the same spans.
    """
    length = min(LONGEST, max(SHORTEST, stream.num_ids // SPANS_WANTED))
    boundaries = [0]
    while stream.num_ids - boundaries[-1] > length:
        boundaries.append(_last_end(stream, boundaries[-1] + length, min(LOOK_BACK, length // 2)))
    return np.array([*boundaries, stream.num_ids], np.int64)


def _last_end(stream: EncodedStream, limit: int, reach: int) -> int:
    """The place behind the last END in the `reach` ids before `limit`, or `limit` if there is none."""
    ends = np.flatnonzero(stream.read(limit - reach, limit) == END)
    return limit if len(ends) == 0 else limit - reach + int(ends[-1]) + 1
