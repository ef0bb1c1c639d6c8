"""What the training of a network is told about texts: their batches, the loss, the score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch's users know
from jaxtyping import Float32
from torch import Tensor, from_numpy

from rowspace.arrays import RowIds
from rowspace.corpus.labelled import LabelledTexts
from rowspace.tasks.classification.networks.batches import Batch, batch_of, shuffled
from rowspace.tasks.classification.networks.lexicon import Encoded
from rowspace.tasks.classification.networks.network import TextNetwork

Loss = Literal["softmax", "one-vs-all"]
Targets = Float32[np.ndarray, "texts labels"]


@dataclass(frozen=True, eq=False)
class TextLearner:
    """Labelled texts, ready to be learned."""

    network: TextNetwork
    texts: Encoded
    targets: Targets
    loss_name: Loss
    size: int  # texts in a batch
    measure: Callable[[], float] | None  # the score on validation data

    def order(self, rng: np.random.Generator) -> Sequence[RowIds]:
        """Batches of texts of about one length."""
        return shuffled(self.texts, self.size, rng)

    def batch(self, chosen: RowIds) -> tuple[Batch, Tensor]:
        """These texts and the share of each label in them."""
        return batch_of(self.texts, chosen), from_numpy(self.targets[chosen])

    def loss(self, batch: tuple[Batch, Tensor]) -> tuple[Tensor, int]:
        """Cross-entropy; with one-vs-all the sum over the labels of a text."""
        texts, targets = batch
        scores = self.network(texts)
        if self.loss_name == "softmax":
            return F.cross_entropy(scores, targets), len(targets)
        whole = F.binary_cross_entropy_with_logits(scores, targets, reduction="sum")
        return whole / len(targets), len(targets)

    def score(self) -> float | None:
        """The accuracy on validation data, if there are any."""
        return None if self.measure is None else self.measure()


def targets_of(data: LabelledTexts, loss: Loss) -> Targets:
    """What the chance of each label should be: with softmax a text's labels share one evenly."""
    targets = np.zeros((len(data), len(data.names)), np.float32)
    text_of = np.repeat(np.arange(len(data)), np.diff(data.label_offsets))
    targets[text_of, data.label_ids] = 1
    return targets / targets.sum(axis=1, keepdims=True) if loss == "softmax" else targets
