"""Texts of about one length, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from rowspace.arrays import RowIds
from rowspace.tasks.classification.networks.lexicon import Encoded

TOKENS_AT_ONCE = 8_192  # of a batch that is only read; bounds the memory that prediction takes


@dataclass(frozen=True, eq=False)
class Batch:
    """Some texts, padded behind their ends; one without tokens has one, which is padding."""

    own: Int64[Tensor, "texts length"]
    given: Int64[Tensor, "texts length"]
    sizes: Int64[Tensor, "texts"]  # tokens of each, at least 1

    @property
    def is_token(self) -> Bool[Tensor, "texts length"]:
        """Which places are no padding, but for the one of a text without tokens."""
        return torch.arange(self.own.shape[1]) < self.sizes.unsqueeze(1)


def batch_of(texts: Encoded, chosen: RowIds) -> Batch:
    """The texts at `chosen` as a batch, in that order."""
    firsts = texts.starts[chosen]
    sizes = texts.starts[chosen + 1] - firsts
    places = np.arange(max(1, int(sizes.max(initial=0))))
    real = places < sizes[:, None]
    tokens = (firsts[:, None] + places)[real]
    own, given = np.zeros(real.shape, np.int64), np.full(real.shape, -1)
    own[real], given[real] = texts.own[tokens], texts.given[tokens]
    return Batch(torch.from_numpy(own), torch.from_numpy(given), torch.from_numpy(np.maximum(sizes, 1)))


def shuffled(texts: Encoded, size: int, rng: np.random.Generator) -> list[RowIds]:
    """Every text once, in groups of about one length, in random order."""
    sizes = np.diff(texts.starts)
    nearly = sizes + rng.random(len(texts)) * (1 + 0.2 * sizes)
    order = np.argsort(nearly, kind="stable")
    groups = [order[first : first + size] for first in range(0, len(order), size)]
    return [groups[place] for place in rng.permutation(len(groups)).tolist()]


def in_order(texts: Encoded) -> Iterator[RowIds]:
    """Every text once, the longest first, in groups of few enough tokens."""
    sizes = np.diff(texts.starts)
    order = np.argsort(-sizes, kind="stable")
    first = 0
    while first < len(order):
        count = max(1, TOKENS_AT_ONCE // max(1, int(sizes[order[first]])))
        yield order[first : first + count]
        first += count
