"""What a language model brings to its training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rowspace.arrays import RowIds
from rowspace.tasks.generation.encoding import Ids
from rowspace.tasks.generation.network import LanguageNetwork
from rowspace.tasks.generation.scoring import log_likelihoods
from rowspace.tasks.generation.stretches import Stretches

Batch = tuple[Tensor, Tensor, bool]  # ids, those that follow, and whether columns begin here


@dataclass(frozen=True, eq=False)
class LanguageLearner:
    """Stretches in order; the states of a recurrent network go on within an epoch."""

    network: LanguageNetwork
    stretches: Stretches
    validation: Ids | None
    end: int

    def order(self, rng: np.random.Generator) -> list[RowIds]:
        """The stretches of an epoch."""
        return self.stretches.order(rng)

    def batch(self, chosen: RowIds) -> Batch:
        """The ids of a stretch."""
        ids, targets = (torch.from_numpy(block) for block in self.stretches.block(chosen))
        return ids, targets, int(chosen[1]) == 0

    def loss(self, batch: Batch) -> tuple[Tensor, int]:
        """The mean loss of a stretch, and its number of ids."""
        ids, targets, is_first = batch
        if is_first:
            self.network.forget()
        return self.network.loss(ids, targets), targets.numel()

    def score(self) -> float | None:
        """The mean log-chance of an id of the validation text: higher is better."""
        if self.validation is None:
            return None
        return float(log_likelihoods(self.network, self.validation, self.end).mean())
