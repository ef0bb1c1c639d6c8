"""PyTorch's threads and random numbers, for as long as a task trains or predicts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def own_settings(threads: int | None) -> Iterator[None]:
    """Compute with so many threads, and give PyTorch its generator and its threads back as they were."""
    before = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):
        try:
            torch.set_num_threads(threads or before)
            yield
        finally:
            torch.set_num_threads(before)
