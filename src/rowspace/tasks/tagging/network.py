"""The network: word, shape and character rows, a BiLSTM over them, and a CRF's emissions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch's users know
from jaxtyping import Float
from torch import Tensor

from rowspace.nn.embedding import Embedding
from rowspace.nn.unknown import Unknown
from rowspace.tasks.networks import Dropout
from rowspace.tasks.tagging.batches import Batch
from rowspace.tasks.tagging.crf import LinearChainCRF
from rowspace.tasks.tagging.lexicon import PADDING, Lexicon
from rowspace.tasks.tagging.recurrence import BiLSTM
from rowspace.tasks.tagging.schemes import legal_transitions
from rowspace.tasks.tagging.spelling import STRETCH, Spelling

RARITY = 0.25  # a word met c times is unknown in a share 0.25 / (0.25 + c) of its lookups in training
SHAPE_DIM = 16
CHARACTER_DIM = 24


@dataclass(frozen=True)
class Sizes:
    """The sizes of the network's parts."""

    dim: int  # of the learned word rows; 0: none
    given_dim: int  # of the given table's rows, which stay as they are; 0: none
    filters: int  # of the character encoder; 0: none
    hidden: int
    dropout: float


class CharacterEncoder(torch.nn.Module):
    """A vector for a word from its characters: convolution and maximum (Ma & Hovy, ACL 2016)."""

    def __init__(self, lexicon: Lexicon, filters: int) -> None:
        super().__init__()
        words = lexicon.characters
        self.padding = words.find(PADDING)
        self.rows = Embedding(len(words), CHARACTER_DIM, padding_idx=self.padding, name="characters")
        torch.nn.init.uniform_(self.rows.weight, -0.35, 0.35)  # sqrt(3 / dim): variance 1 / dim
        with torch.no_grad():
            self.rows.weight[self.padding] = 0
        self.convolution = torch.nn.Linear(STRETCH * CHARACTER_DIM, filters)

    def forward(self, spelling: Spelling) -> Float[Tensor, "forms filters"]:
        """The maximum over the places of each word.

        The convolution of a stretch of three characters is a sum of three rows: those that its characters
        give at their places in it, of which there are few, so that distinct stretches alone cost anything.
        """
        rows = self.rows(torch.arange(self.rows.num_embeddings))
        by_place = torch.unflatten(
            self.convolution.weight, 1, (STRETCH, CHARACTER_DIM)
        )  # filters, places, dim
        at_places = (rows @ by_place.permute(2, 1, 0).flatten(1)).view(-1, len(by_place))
        ids = torch.from_numpy(spelling.stretches * STRETCH + np.arange(STRETCH))
        seen = F.embedding_bag(ids, at_places, mode="sum") + self.convolution.bias
        best = F.embedding_bag(
            torch.from_numpy(spelling.ids), seen, torch.from_numpy(spelling.starts), mode="max",
            include_last_offset=True,
        )  # fmt: skip
        return F.relu(best)


class TaggingNetwork(torch.nn.Module):
    """From a batch to a score for each tag of each token, and from there to the CRF's likelihood."""

    def __init__(self, lexicon: Lexicon, tags: list[str], sizes: Sizes) -> None:
        super().__init__()
        self.own = self.given = None
        if sizes.dim:
            self.own = Embedding.from_vocabulary(
                lexicon.own, sizes.dim, unknown=Unknown(rarity=RARITY), name="words"
            )
        if sizes.given_dim and lexicon.given is not None:
            blank = torch.zeros(len(lexicon.given), sizes.given_dim)
            rows, dim = blank.shape
            self.given = Embedding(rows, dim, _weight=blank, _freeze=True, out_of_range="zero")
        self.characters = CharacterEncoder(lexicon, sizes.filters) if sizes.filters else None
        self.shapes = Embedding.from_vocabulary(
            lexicon.shapes, SHAPE_DIM, unknown=Unknown(rarity=RARITY), name="shapes"
        )
        width = sizes.dim + sizes.given_dim + sizes.filters + SHAPE_DIM
        self.dropout = Dropout(sizes.dropout)
        self.lstm = BiLSTM(width, sizes.hidden)
        self.output = torch.nn.Linear(2 * sizes.hidden, len(tags))
        self.crf = LinearChainCRF(legal_transitions(tags))

    def forward(self, batch: Batch) -> Float[Tensor, "tokens tags"]:
        """The score of each tag of each token."""
        states = self.lstm(self.dropout(self._features(batch)), batch.steps)
        emissions: Tensor = self.output(self.dropout(states))
        return emissions

    def loss(self, batch: Batch) -> Float[Tensor, ""]:
        """The mean over sentences of the negative logarithm of the tags' probability."""
        return -self.crf.log_likelihood(self(batch), batch.tags, batch.steps).mean()

    def decode(self, batch: Batch) -> list[list[int]]:
        """The most probable tags of each sentence."""
        return self.crf.decode(self(batch), batch.steps)

    def _features(self, batch: Batch) -> Float[Tensor, "tokens features"]:
        """All that is known about each token by itself."""
        of_forms = [self.shapes(batch.shapes)]
        if self.characters is not None:
            of_forms.append(self.characters(batch.spelling))
        parts = [torch.cat(of_forms, 1)[batch.form_of]]
        if self.own is not None:
            parts.append(self.own(batch.own))
        if self.given is not None:
            parts.append(self.given(batch.given))
        return torch.cat(parts, 1)
