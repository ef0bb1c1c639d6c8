"""SampledSoftmax: a loss that compares each target with sampled rows instead of all."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch's users know
from jaxtyping import Float, Int64, Integer
from torch import Tensor

from rowspace.errors import RecipeError
from rowspace.nn.embedding import Embedding
from rowspace.nn.heads.logits import best_rows, exact, target_log_probabilities
from rowspace.nn.heads.samplers import Sampler
from rowspace.nn.heads.targets import HeadOutput, Reduction, Targets
from rowspace.nn.lookup import gather


class SampledSoftmax(torch.nn.Module):
    """A softmax over all rows whose training looks at the targets and `num_sampled` other rows.

    Every row's logit is hidden @ row + bias, less the log of how often the sampler is expected to draw
    the row; so what is learned is the full softmax, whatever the sampler (Bengio & Senecal 2008; Jean et
    al. 2015). Rows are looked up, not multiplied with whole: an optimiser of rowspace.nn.optim steps only
    rows that were met, and torch's own get a sparse gradient where the layer is `sparse`.

    A sampled row that is the position's own target is left out if draws are distinct. If a row can come
    more than once, such draws count as the target: leaving them out, as is often done, would let rows
    that come several times a sample grow too likely, by as much as that.

    In eval mode nothing is sampled: `forward` is the exact softmax, at rows x dim multiply-adds a
    position. The draws are shared by the batch, so that one matrix product serves all positions; with
    ``shared=False`` each position has its own, which costs num_sampled x dim values of memory each.

    `layer` may be the model's input layer (tied) or one made for this head alone, as `untied` does.
    Its rows are used as they stand: its dropout, unknown row and max_norm belong to inputs.

    >>> from rowspace.nn.heads import Distinct, LogUniform
    >>> layer = Embedding(1000, 8)
    >>> head = SampledSoftmax(layer, Distinct(LogUniform(1000)), 50)
    >>> hidden, targets = torch.randn(4, 3, 8), torch.randint(1000, (4, 3))
    >>> head(hidden, targets).loss.shape
    torch.Size([])
    >>> head.eval().log_prob(hidden).shape
    torch.Size([4, 3, 1000])
    """

    def __init__(
        self,
        layer: Embedding,
        sampler: Sampler,
        num_sampled: int,
        *,
        bias: bool = True,
        shared: bool = True,
        ignore_index: int = -100,
        reduction: Reduction = "mean",
    ) -> None:
        """Join a layer with a sampler over its rows.

        Raises RecipeError for a sampler that does not fit the layer, or that never draws some row: such
        a row would never learn to be unlikely.
        """
        super().__init__()
        _check_sampler(sampler, layer.num_embeddings, num_sampled, shared)
        self.layer, self.sampler, self.num_sampled, self.shared = layer, sampler, num_sampled, shared
        self.bias = _column_like(layer) if bias else None
        self._targets = Targets(
            "SampledSoftmax", layer.embedding_dim, layer.num_embeddings, ignore_index, reduction
        )

    @classmethod
    def untied(
        cls,
        num_rows: int,
        dim: int,
        sampler: Sampler,
        num_sampled: int,
        *,
        sparse: bool = False,
        **options: Any,
    ) -> SampledSoftmax:
        """A head with rows of its own, which start as those of torch.nn.Linear do."""
        bound = 1 / math.sqrt(max(1, dim))
        rows = torch.empty(num_rows, dim).uniform_(-bound, bound)
        return cls(Embedding(num_rows, dim, sparse=sparse, _weight=rows), sampler, num_sampled, **options)

    def forward(
        self,
        hidden: Float[Tensor, "*batch dim"],
        targets: Integer[Tensor, "*batch"],
        *,
        generator: torch.Generator | None = None,
    ) -> HeadOutput:
        """The loss, and the log-probability of each target: estimated in training, exact in eval mode.

        `generator` is what the sampler follows. Raises ShapeError for shapes that do not belong
        together, and RowIdError for a target that is no row.
        """
        batch = self._targets.batch(hidden, targets)
        if not self.training:
            rows = self.layer.num_embeddings
            return batch.result(target_log_probabilities(self.logits, rows, batch.hidden, batch.targets))
        return batch.result(self._sampled(batch.hidden, batch.targets, generator))

    def logits(self, hidden: Float[Tensor, "*batch dim"]) -> Float[Tensor, "*batch rows"]:
        """The logits of all rows, without correction: those of the full softmax."""
        logits = self.layer.attend(hidden)
        if self.bias is None:
            return logits
        self.bias.settle()
        return logits.add_(self.bias.weight.squeeze(1))

    def log_prob(self, hidden: Float[Tensor, "*batch dim"]) -> Float[Tensor, "*batch rows"]:
        """The exact log-probability of every row."""
        return F.log_softmax(exact(self.logits(hidden)), -1)

    def predict(self, hidden: Float[Tensor, "*batch dim"]) -> Int64[Tensor, "*batch"]:
        """The likeliest row at each position."""
        return best_rows(self.logits, self.layer.num_embeddings, hidden)

    def _sampled(
        self, hidden: Float[Tensor, "n dim"], targets: Int64[Tensor, "n"], generator: torch.Generator | None
    ) -> Float[Tensor, "n"]:
        groups = 1 if self.shared else len(targets)
        sampled = self.sampler.sample(
            groups * self.num_sampled, generator=generator, device=targets.device
        ).view(groups, self.num_sampled)
        ids = torch.cat([targets, sampled.reshape(-1)])
        rows, shifts = self._looked_up(ids)
        own, others = rows[: len(targets)], rows[len(targets) :]
        if self.shared:
            products = F.linear(hidden, others)
        else:
            products = torch.einsum("nd,nsd->ns", hidden, others.view(*sampled.shape, -1))
        negatives = exact(products).add_(shifts[len(targets) :].view(sampled.shape))
        positives = exact((hidden * own).sum(-1)) + shifts[: len(targets)]
        hits = sampled == targets[:, None]
        if self.sampler.distinct:
            negatives.masked_fill_(hits, -math.inf)
        logits = torch.cat([positives[:, None], negatives], 1)
        output = -F.cross_entropy(logits, torch.zeros_like(targets), reduction="none")
        return output if self.sampler.distinct else output + hits.sum(1).log1p()

    def _looked_up(self, ids: Int64[Tensor, "ids"]) -> tuple[Float[Tensor, "ids dim"], Float[Tensor, "ids"]]:
        """Rows, and what their logits are shifted by: the bias less the log of the expected count."""
        rows = gather(self.layer.weight, ids, padding_row=self.layer.padding_idx, sparse=self.layer.sparse)
        digits = torch.promote_types(rows.dtype, torch.float32)
        shifts = -self.sampler.log_expected_count(ids, self.num_sampled).to(digits)
        if self.bias is None:
            return rows, shifts
        return rows, shifts + gather(self.bias.weight, ids, sparse=self.bias.sparse).squeeze(1)

    def extra_repr(self) -> str:
        """What printing a model tells about this head."""
        return f"num_sampled={self.num_sampled}, sampler={type(self.sampler).__name__}, shared={self.shared}"


def _column_like(layer: Embedding) -> Embedding:
    """One value a row, all zero, that learns as the rows of `layer` do."""
    column = torch.zeros(layer.num_embeddings, 1, device=layer.weight.device, dtype=layer.weight.dtype)
    return Embedding(layer.num_embeddings, 1, sparse=layer.sparse, _weight=column)


def _check_sampler(sampler: Sampler, num_rows: int, num_sampled: int, shared: bool) -> None:
    if sampler.num_rows != num_rows:
        raise RecipeError(
            f"the sampler must draw from the layer's {num_rows} rows, but draws from {sampler.num_rows}"
        )
    if num_sampled < 1:
        raise RecipeError(f"num_sampled must be at least 1, but is {num_sampled}")
    if not shared and sampler.distinct:
        raise RecipeError(
            "draws for each position by itself need a sampler with replacement, but this one's are distinct; "
            "pass the sampler inside Distinct, or share the draws"
        )
    counts = sampler.log_expected_count(torch.arange(num_rows), num_sampled)
    if not bool((counts > -math.inf).all()):
        row = int(torch.argmin(counts))
        raise RecipeError(
            f"the sampler must draw every row at times, but never draws row {row}; raise its floor"
        )
