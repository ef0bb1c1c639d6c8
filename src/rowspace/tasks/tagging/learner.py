"""What a tagger brings to its training: batches of sentences, their loss, and F1 on others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from torch import Tensor

from rowspace.arrays import RowIds
from rowspace.tasks.tagging.batches import Batch, Encoded, pieces_of
from rowspace.tasks.tagging.columns import Sentence
from rowspace.tasks.tagging.network import TaggingNetwork
from rowspace.tasks.tagging.ranges import bioes_of, ranges_of
from rowspace.tasks.tagging.report import compare
from rowspace.tasks.tagging.tagging_model import TaggingModel


class TaggingLearner:
    """The sentences that a model learns from, and those on which it is scored."""

    def __init__(
        self,
        model: TaggingModel,
        sentences: Sequence[Sentence],
        validation: Sequence[Sentence] | None,
        batch: int,
    ) -> None:
        """`batch` sentences are learned from at once; without `validation` there are no scores."""
        self._model, self._size = model, batch
        self._data = encoded(model, sentences)
        self._validation = None if validation is None else [each.tokens for each in validation]
        self._wanted = [ranges_of(each.tags) for each in validation or ()]

    @property
    def network(self) -> TaggingNetwork:
        """The model's."""
        return self._model.network

    def order(self, rng: np.random.Generator) -> list[RowIds]:
        """The sentences of each batch of an epoch."""
        return self._data.shuffled(self._size, rng)

    def batch(self, chosen: RowIds) -> Batch:
        """These sentences."""
        return self._data.batch(chosen)

    def loss(self, batch: Batch) -> tuple[Float[Tensor, ""], int]:
        """The mean loss of the sentences, and how many they are."""
        return self.network.loss(batch), int(batch.steps.sizes[0])

    def score(self) -> float | None:
        """Span F1 on the validation sentences."""
        if self._validation is None:
            return None
        return compare(self._wanted, self._model.find_ranges(self._validation), self._model.labels).f1


def encoded(model: TaggingModel, sentences: Sequence[Sentence]) -> Encoded:
    """The sentences and their tags as numbers, long ones in pieces."""
    tokens = [piece for each in sentences for piece in pieces_of(each.tokens)]
    tags = [piece for each in sentences for piece in pieces_of(each.tags)]
    place_of = {tag: place for place, tag in enumerate(model.tags)}
    numbers = [[place_of[tag] for tag in bioes_of(ranges_of(each), len(each))] for each in tags]
    return Encoded.of(tokens, model.lexicon, numbers)
