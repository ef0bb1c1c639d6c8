"""A stream in chunks of known size, each with enough of its surroundings that no pair is lost or doubled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt32

from rowspace import kernels
from rowspace.arrays import Stream
from rowspace.training.spans import EncodedStream

READ_IDS = 1 << 17

Thresholds = UInt32[np.ndarray, "rows"]


class Chunk(NamedTuple):
    """Tokens of which those in [first, last) are centers here; the others are their surroundings.

    The next chunk overwrites them.
    """

    tokens: Stream
    first: int
    last: int
    is_last: bool  # whether nothing follows


def chunks(
    stream: EncodedStream, length: int, *, window: int, keep: Thresholds | None, seed: int
) -> Iterator[Chunk]:
    """Cut the kept tokens into chunks of at most `length`, which must be above 2 * window.

    Each kept token is a center once. The last `window` tokens of a chunk wait for what comes behind
    them: they are centers of the next chunk, after another `window` tokens that are surroundings there.
    """
    room = np.empty(min(length, stream.num_ids), np.int32)
    first = filled = 0
    for ids in _kept(stream, keep, seed):
        while len(ids):
            fits = min(len(ids), len(room) - filled)
            room[filled : filled + fits] = ids[:fits]
            filled, ids = filled + fits, ids[fits:]  # noqa: PLW2901
            if len(ids):
                last = filled - window
                yield Chunk(room[:filled], first, last, is_last=False)
                start = max(0, last - window)
                room[: filled - start] = room[start:filled].copy()
                first, filled = last - start, filled - start
    yield Chunk(room[:filled], first, filled, is_last=True)


def _kept(stream: EncodedStream, keep: Thresholds | None, seed: int) -> Iterator[Stream]:
    for start in range(0, stream.num_ids, READ_IDS):
        ids = stream.read(start, min(start + READ_IDS, stream.num_ids))
        yield ids if keep is None else kernels.load("cooccurrence").thin(ids, keep, seed=seed, position=start)
