"""The network: word rows, an encoder, and a score for each label."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from rowspace.nn.embedding import Embedding
from rowspace.nn.unknown import Unknown
from rowspace.tasks.classification.networks.batches import Batch
from rowspace.tasks.classification.networks.encoders import ENCODERS, Encoder, EncoderName
from rowspace.tasks.classification.networks.lexicon import PADDING, Lexicon


@dataclass(frozen=True)
class Sizes:
    """What the network is made of, beside words and labels."""

    encoder: EncoderName
    own_dim: int  # of the word rows that are learned; 0: none
    given_dim: int  # of the given rows, which stay as they are; 0: none
    width: int
    dropout: float
    rarity: float


class TextNetwork(torch.nn.Module):
    """From a batch to a score for each label of each text."""

    def __init__(self, lexicon: Lexicon, num_labels: int, sizes: Sizes) -> None:
        super().__init__()
        self.own = self.given = None
        if lexicon.own is not None:
            unknown = Unknown(rarity=sizes.rarity)
            padding = lexicon.own.find(PADDING)
            self.own = Embedding.from_vocabulary(
                lexicon.own, sizes.own_dim, unknown=unknown, padding_idx=padding, name="words"
            )
        if lexicon.given is not None:
            blank = torch.zeros(len(lexicon.given), sizes.given_dim)
            rows, dim = blank.shape
            self.given = Embedding(rows, dim, _weight=blank, _freeze=True, out_of_range="zero", name="given")
        self.dropout = torch.nn.Dropout(sizes.dropout)
        self.encoder: Encoder = ENCODERS[sizes.encoder](sizes.own_dim + sizes.given_dim, sizes.width)
        self.output = torch.nn.Linear(self.encoder.num_features, num_labels)

    def forward(self, batch: Batch) -> Float[Tensor, "texts labels"]:
        """The score of each label: a logit."""
        parts = []
        if self.own is not None:
            parts.append(self.own(batch.own))
        if self.given is not None:
            parts.append(self.given(batch.given))
        words = self.dropout(parts[0] if len(parts) == 1 else torch.cat(parts, 2))
        features = self.encoder(words, batch.is_token)
        scores: Tensor = self.output(self.dropout(features))
        return scores
