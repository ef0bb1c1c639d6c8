"""How the learning rate falls, and the seed of each epoch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64


@dataclass(frozen=True)
class LinearSchedule:
    """A learning rate that falls in a straight line from `start` to `end` over the whole training.

    It depends on the place in the stream alone, not on which worker is ahead, so it is the same in
    every run.

    >>> rate = LinearSchedule(start=0.03, end=0.01, total=100)
    >>> round(rate(0), 4), round(rate(50), 4), round(rate(100), 4)
    (0.03, 0.02, 0.01)
    """

    start: float
    end: float
    total: int  # ids in all epochs

    def __call__(self, done: int) -> float:
        """The learning rate once `done` ids, counted over all epochs, are behind."""
        return self.start + (self.end - self.start) * min(1.0, done / self.total)


def generator(seed: int) -> np.random.Generator:
    """The generator of the initial rows: independent of every epoch's seed."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,)))


def span_order(seed: int, epoch: int, num_spans: int) -> Int64[np.ndarray, "spans"]:
    """The order of an epoch's spans, shuffled anew for each epoch.

    Text comes sorted by topic. Read in its order, the last topics would be learned at the lowest
    learning rate alone, epoch after epoch.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(2, epoch))
    return np.random.default_rng(sequence).permutation(num_spans)


def epoch_seed(seed: int, epoch: int) -> int:
    """64 well mixed bits for one epoch (counted from 0), so that no two epochs draw alike."""
    sequence = np.random.SeedSequence(seed, spawn_key=(1, epoch))
    return int(sequence.generate_state(1, np.uint64)[0])
