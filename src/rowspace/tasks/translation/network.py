"""The network: rows for the pieces of both languages, an encoder and decoder, and logits over all rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from rowspace.nn.embedding import Embedding
from rowspace.nn.heads import TiedOutput
from rowspace.tasks.translation.batches import Batch
from rowspace.tasks.translation.recurrent import Recurrent, RecurrentState
from rowspace.tasks.translation.smoothed_loss import smoothed_loss
from rowspace.tasks.translation.transformer import Transformer, TransformerState
from rowspace.vocabulary import Vocabulary

Kind = Literal["transformer", "recurrent"]
State = TransformerState | RecurrentState


@dataclass(frozen=True)
class Sizes:
    """The sizes of the network's parts."""

    network: Kind
    dim: int
    layers: int
    heads: int  # 0: without attention, for "recurrent" alone
    dropout: float
    tied: bool


class TranslationNetwork(torch.nn.Module):
    """From a batch to its loss, and from a source to what comes next."""

    body: Any  # Transformer or Recurrent, each with states of its own kind

    def __init__(self, vocabulary: Vocabulary, sizes: Sizes) -> None:
        """Tied, one layer of rows serves both sides and the output; else each has its own."""
        super().__init__()
        made = [Embedding.from_vocabulary(vocabulary, sizes.dim) for _ in range(1 if sizes.tied else 3)]
        self.source, self.target = made[0], made[0 if sizes.tied else 1]
        self.output = TiedOutput(made[-1])
        self.scale = math.sqrt(sizes.dim)  # rows are drawn with variance 1 / dim, as suits the output
        arguments = sizes.dim, sizes.layers, sizes.heads, sizes.dropout
        self.body = (Transformer if sizes.network == "transformer" else Recurrent)(*arguments)

    def loss(self, batch: Batch, smoothing: float) -> Float[Tensor, ""]:
        """The mean over the target's pieces; nothing is computed for padding behind the body."""
        states, mask = self.read(batch.source, batch.lengths)
        written = self.body.write(states, mask, self.scale * self.target(batch.given))
        logits = self.output(written.flatten(0, 1)[batch.places])
        return smoothed_loss(logits, batch.wanted, smoothing)

    def read(
        self, source: Int64[Tensor, "sentences length"], lengths: Int64[Tensor, "sentences"]
    ) -> tuple[Float[Tensor, "sentences read width"], Float[Tensor, "sentences 1 1 length"]]:
        """What the encoder makes of sentences, and the mask of its padding."""
        is_padding = torch.arange(source.shape[1]) >= lengths.unsqueeze(1)
        mask = torch.zeros(source.shape).masked_fill(is_padding, -torch.inf)[:, None, None]
        return self.body.read(self.scale * self.source(source), mask), mask

    def begin(self, source: Int64[Tensor, "sentences length"], lengths: Int64[Tensor, "sentences"]) -> State:
        """Be ready to write the first piece of each sentence's translation."""
        state: State = self.body.begin(*self.read(source, lengths))
        return state

    def advance(self, state: State, last: Int64[Tensor, "rows"]) -> Float[Tensor, "rows pieces"]:
        """The log-probability of every next piece behind the last one; changes `state`."""
        vectors = self.scale * self.target(last.unsqueeze(1))
        logits: Tensor = self.output(self.body.advance(state, vectors)[:, 0])
        return torch.log_softmax(logits.float(), 1)
