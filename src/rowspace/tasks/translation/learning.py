"""Learning: what a translator brings to its training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float64
from torch import Tensor

from rowspace.arrays import RowIds
from rowspace.nn import optim
from rowspace.tasks.translation.batches import Batch, Chosen, Encoded
from rowspace.tasks.translation.network import TranslationNetwork
from rowspace.tasks.translation.parallel_text import Pair
from rowspace.tasks.translation.report import score, targets_of
from rowspace.tasks.translation.translation_model import TranslationModel

Measure = Literal["bleu", "loss"]
Precision = Literal["auto", "float32", "bfloat16"]

MOST_SCORED = 1000  # different sources, of validation data, that are translated after each epoch

# Rare rows and a short training want a short memory of squares: Vaswani et al.'s.
adam = partial(optim.Adam, betas=(0.9, 0.98))


@dataclass(frozen=True, eq=False)
class Learning:
    """The pairs of a training; of some a second form lies behind, with a slot in the place of a word."""

    model: TranslationModel
    data: Encoded
    forms: dict[int, int]  # of a pair that has one, the number of its second form
    chances: Float64[np.ndarray, "forms"]  # with which that is taken
    validation: Sequence[Pair]
    measure: Measure
    batch_pieces: int
    smoothing: float
    halves: bool  # products in bfloat16

    @classmethod
    def of(
        cls,
        model: TranslationModel,
        pairs: Sequence[Pair],
        *,
        validation: Sequence[Pair],
        measure: Measure,
        batch_pieces: int,
        smoothing: float,
        precision: Precision,
        seed: int,
    ) -> Learning:
        """Encode the pairs and their second forms once."""
        hidden = model.copying.hidden_pairs(pairs, np.random.default_rng([seed, len(pairs)]))
        return cls(
            model=model,
            data=model.encode([*pairs, *(pair for pair, _ in hidden.values())]),
            forms={number: len(pairs) + place for place, number in enumerate(hidden)},
            chances=np.array([chance for _, chance in hidden.values()], np.float64),
            validation=validation,
            measure=measure,
            batch_pieces=batch_pieces,
            smoothing=smoothing,
            halves=precision == "bfloat16" or (precision == "auto" and has_bfloat16()),
        )

    @property
    def network(self) -> TranslationNetwork:
        """What is trained."""
        return self.model.network

    def order(self, rng: np.random.Generator) -> list[Chosen]:
        """Every pair once, in one of its forms."""
        chosen = np.arange(len(self.data) - len(self.forms))
        for (number, form), is_taken in zip(
            self.forms.items(), rng.random(len(self.forms)) < self.chances, strict=True
        ):
            if is_taken:
                chosen[number] = form
        return self.data.shuffled(chosen, self.batch_pieces, rng)

    def batch(self, chosen: RowIds) -> Batch:
        """These pairs as the network takes them."""
        return self.data.batch(chosen)

    def loss(self, batch: Batch) -> tuple[Tensor, int]:
        """The mean loss of a piece, and how many there are."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.halves):
            loss = self.network.loss(batch, self.smoothing)
        return loss, len(batch.wanted)

    def score(self) -> float | None:
        """BLEU of the greedy translations against all targets, or the negative loss; None without data."""
        if not self.validation:
            return None
        if self.measure == "loss":
            return -self.model.loss(self.validation)
        sources = list(targets_of(self.validation))[:MOST_SCORED]
        found = dict(zip(sources, self.model.predict(sources, beam=1), strict=True))
        return score([pair for pair in self.validation if pair[0] in found], found, 0.0).bleu_of_all


def has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 by itself, and so twice as fast as float32."""
    known = torch.cpu.get_capabilities()
    return any(known.get(name, False) for name in ("avx512_bf16", "amx_bf16"))
