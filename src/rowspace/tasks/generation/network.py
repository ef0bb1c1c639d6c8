"""The network of a language model: rows, a body that reads them, and a head over all keys."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch's users know
from jaxtyping import Float, Int64
from torch import Tensor

from rowspace.nn.embedding import Embedding
from rowspace.nn.heads import AdaptiveSoftmax, Distinct, SampledSoftmax, TiedOutput, Unigram
from rowspace.nn.heads.logits import exact, target_log_probabilities
from rowspace.nn.heads.tied_loss import tied_cross_entropy
from rowspace.tasks.generation.recurrent import Recurrent
from rowspace.tasks.generation.transformer import Transformer
from rowspace.vocabulary import Words

Body = Literal["recurrent", "transformer"]
Loss = Literal["full", "sampled", "adaptive"]
States = tuple[Tensor, ...]

LENGTH_OF_ROWS = 0.8  # about, at the start; hidden values lie in [-1, 1], so that logits start small
POSITIONS_A_STEP = 1_024  # for which an adaptive softmax chooses its cutoffs


@dataclass(frozen=True)
class Sizes:
    """The sizes and kinds of the network's parts."""

    network: Body
    dim: int
    hidden: int
    layers: int
    dropout: float
    loss: Loss
    tied: bool
    samples: int
    length: int


class LanguageNetwork(torch.nn.Module):
    """The chance of each key behind each id of some columns of text.

    Dropout before and behind the body drops the same values of a column throughout a stretch (Gal &
    Ghahramani 2016). With `tied` the head's rows are those of the input (Press & Wolf 2017).
    """

    def __init__(self, words: Words, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.rows = Embedding(len(words), sizes.dim, vocabulary=words, name="words")
        torch.nn.init.normal_(self.rows.weight, std=LENGTH_OF_ROWS * sizes.dim**-0.5)
        self.body = (
            Recurrent(sizes.dim, sizes.hidden, sizes.layers, sizes.dropout)
            if sizes.network == "recurrent"
            else Transformer(sizes.dim, sizes.hidden, sizes.layers, sizes.dropout, sizes.length)
        )
        width = self.body.width
        self.project = torch.nn.Identity() if width == sizes.dim else torch.nn.Linear(width, sizes.dim)
        self.head = _head(self.rows, words, sizes)
        self.begin(1)

    def begin(self, columns: int) -> None:
        """Forget all that was read, before the first stretch of `columns` columns.

        What training carries from stretch to stretch are buffers, so that a checkpoint keeps them; a saved
        model has no use for them.
        """
        for number, state in enumerate(self.body.blank(columns)):
            self.register_buffer(f"carried_{number}", state, persistent=False)

    def forget(self) -> None:
        """Begin anew with as many columns."""
        for state in self.carried:
            state.zero_()

    @property
    def carried(self) -> States:
        """The states behind the last stretch of training."""
        return tuple(state for name, state in self.named_buffers(recurse=False) if name.startswith("carried"))

    def blank(self, texts: int) -> States:
        """The states before the first id of some texts."""
        return self.body.blank(texts)

    def forward(
        self, ids: Int64[Tensor, "length columns"], states: States
    ) -> tuple[Float[Tensor, "length columns dim"], States]:
        """A vector behind each id, for the head, and the states behind the last."""
        vectors = self._held(self.rows(ids))
        hidden, states = self.body(vectors, states)
        return self._held(self.project(hidden)), states

    def loss(
        self, ids: Int64[Tensor, "length columns"], targets: Int64[Tensor, "length columns"]
    ) -> Float[Tensor, ""]:
        """The mean loss of the ids that follow, going on from the stretch before."""
        hidden, states = self(ids, tuple(state.clone() for state in self.carried))
        for buffer, state in zip(self.carried, states, strict=True):
            buffer.copy_(state.detach())
        head = self.head
        if isinstance(head, TiedOutput):
            return tied_cross_entropy(hidden, head.layer.weight, head.bias, targets)
        loss: Tensor = head(hidden, targets).loss
        return loss

    def log_probabilities(self, hidden: Float[Tensor, "n dim"]) -> Float[Tensor, "n keys"]:
        """The log-probability of every key."""
        if isinstance(self.head, TiedOutput):
            return F.log_softmax(exact(self.head(hidden)), -1)
        log_prob: Tensor = self.head.log_prob(hidden)
        return log_prob

    def log_likelihoods(
        self, hidden: Float[Tensor, "n dim"], targets: Int64[Tensor, "n"]
    ) -> Float[Tensor, "n"]:
        """The log-probability of each target, exact in eval mode whatever the loss."""
        if isinstance(self.head, TiedOutput):
            return target_log_probabilities(self.head, self.rows.num_embeddings, hidden, targets)
        output: Tensor = self.head(hidden, targets).output
        return output

    def _held(self, vectors: Float[Tensor, "length columns dim"]) -> Float[Tensor, "length columns dim"]:
        """Dropout with one mask a column."""
        if not self.training or not self.sizes.dropout:
            return vectors
        kept = 1 - self.sizes.dropout
        return vectors * torch.empty_like(vectors[:1]).bernoulli_(kept).div_(kept)


def _head(rows: Embedding, words: Words, sizes: Sizes) -> TiedOutput | SampledSoftmax | AdaptiveSoftmax:
    """The head that a loss asks for, over the rows of the input or over its own.

    Its biases start at the logarithm of how frequent keys are, so that it begins as a unigram model.
    """
    num_rows, dim = rows.num_embeddings, sizes.dim
    assert words.counts is not None
    counts = torch.from_numpy(words.counts.clip(1, None)).double()
    shares = (counts / counts.sum()).log().float()
    if sizes.loss == "adaptive":
        return _adaptive(rows if sizes.tied else None, shares, dim)
    layer = rows if sizes.tied else _rows_of_linear(num_rows, dim)
    head: TiedOutput | SampledSoftmax
    if sizes.loss == "full":
        head = TiedOutput(layer)
        biases = head.bias
    else:
        head = SampledSoftmax(layer, Distinct(Unigram(words.counts, 1.0)), min(sizes.samples, num_rows))
        biases = None if head.bias is None else head.bias.weight
    assert biases is not None
    with torch.no_grad():
        biases.copy_(shares.view_as(biases))
    return head


def _adaptive(layer: Embedding | None, shares: Float[Tensor, "keys"], dim: int) -> AdaptiveSoftmax:
    """An adaptive softmax, whose head has a bias for each of its rows and for each tail."""
    counts = shares.double().exp()
    head = AdaptiveSoftmax.from_counts(counts, dim, batch_size=POSITIONS_A_STEP, head_bias=True, layer=layer)
    by_rank = counts.sort(descending=True, stable=True).values
    first, *rest = head.cutoffs
    tails = [by_rank[a:b].sum() for a, b in pairwise([first, *rest])]
    with torch.no_grad():
        head.head.get_parameter("bias").copy_(torch.cat([by_rank[:first], torch.tensor(tails)]).log())
    return head


def _rows_of_linear(num_rows: int, dim: int) -> Embedding:
    """Rows of a head's own; they start as those of torch.nn.Linear do."""
    bound = dim**-0.5
    return Embedding(num_rows, dim, _weight=torch.empty(num_rows, dim).uniform_(-bound, bound))
