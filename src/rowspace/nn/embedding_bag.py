"""EmbeddingBag: torch.nn.EmbeddingBag that checks its ids, takes keys, and lets optimizers step rows."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch's users know
from jaxtyping import Float
from torch import Tensor

from rowspace.nn import tables
from rowspace.nn.bags import Bags, of_ids, of_keys
from rowspace.nn.dropout import Dropout
from rowspace.nn.initializers import Initializer
from rowspace.nn.inputs import Inputs, asked_unknown
from rowspace.nn.lookup import gather, is_collected, pool, pool_block, uncompiled
from rowspace.nn.norms import limiting_factors
from rowspace.nn.regularizers import Regularizer
from rowspace.nn.row_ids import OutOfRange
from rowspace.nn.row_kernels import places_of_maxima
from rowspace.nn.unknown import Unknown, UnknownReport
from rowspace.nn.weights import add_regularizers, clear_unknown_row, keep_rows, settle, start_rows
from rowspace.table import Table
from rowspace.vocabulary import Vocabulary


class EmbeddingBag(torch.nn.EmbeddingBag):
    """A table inside a network that gives one vector a bag of rows: their sum, mean or largest values.

    Everything that torch.nn.EmbeddingBag takes, it takes, with the same results and the same state_dict;
    and what `Embedding` adds: checked ids, keys, rows stepped by an optimizer of rowspace.nn.optim, dropout,
    initializers. Beyond that:

    * `per_sample_weights` work in every mode. "mean" then divides by the sum of the weights (a bag whose
      weights sum to zero gives zeros); "max" takes the largest weighted values.
    * Bags may be a tensor (bags, size), ids and offsets, a nested tensor of jagged layout, or lists of keys.

    Entries of the padding row count for nothing. An id that `out_of_range="zero"` makes zero counts as a
    vector of zeros, so it lowers a mean. An empty bag gives zeros.

    >>> layer = EmbeddingBag(5, 2, mode="sum")
    >>> layer(torch.tensor([1, 2, 4]), torch.tensor([0, 2])).shape
    torch.Size([2, 2])
    """

    weight: torch.nn.Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Tensor | None = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: Any = None,
        dtype: torch.dtype | None = None,
        *,
        vocabulary: Vocabulary | None = None,
        out_of_range: OutOfRange = "raise",
        unknown: Unknown | None = None,
        dropout: Dropout | None = None,
        init: str | Initializer | None = None,
        name: str = "EmbeddingBag",
    ) -> None:
        """Make a table of num_embeddings rows; the first twelve arguments are torch's.

        Raises RecipeError where the vocabulary, the unknown row and the size contradict each other.
        """
        super().__init__(
            num_embeddings, embedding_dim, max_norm, norm_type, scale_grad_by_freq, mode, sparse,
            _weight, include_last_offset, padding_idx, device, dtype,
        )  # fmt: skip
        self.inputs = Inputs.of(name, num_embeddings, vocabulary, out_of_range, unknown, self.padding_idx)
        self.dropout = dropout
        self.metadata: dict[str, Any] = {}
        keep_rows(self)
        if init is not None and _weight is None:
            start_rows(self, init)

    @classmethod
    def from_table(
        cls, table: Table, freeze: bool = False, *, unknown: Unknown | None = None, **options: Any
    ) -> EmbeddingBag:
        """A layer with a copy of the table's rows, that takes its keys; trains them unless `freeze`.

        `unknown` and `options` are those of Embedding.from_table.
        """
        unknown = asked_unknown(table.vocabulary, unknown, options)
        vectors, vocabulary, unknown = tables.layer_arrays(table, unknown)
        layer = cls(
            len(vectors), table.dim, _weight=vectors, vocabulary=vocabulary, unknown=unknown, **options
        )
        layer.weight.requires_grad = not freeze
        layer.metadata = dict(table.metadata)
        return layer

    @classmethod
    def from_vocabulary(
        cls, vocabulary: Vocabulary, dim: int, *, unknown: Unknown | None = None, **options: Any
    ) -> EmbeddingBag:
        """A layer with random rows for the keys of `vocabulary`, as Embedding.from_vocabulary makes it."""
        unknown = asked_unknown(vocabulary, unknown, options)
        vocabulary, unknown = tables.with_unknown(vocabulary, unknown)
        options.setdefault("init", "normal_scaled")
        num_rows = vocabulary.num_rows + (0 if unknown is None else unknown.buckets)
        layer = cls(num_rows, dim, vocabulary=vocabulary, unknown=unknown, **options)
        clear_unknown_row(layer, layer.inputs.unknown)
        return layer

    @property
    def vocabulary(self) -> Vocabulary | None:
        """What turns keys into rows, or None."""
        return self.inputs.vocabulary

    def forward(
        self, input: Any, offsets: Tensor | None = None, per_sample_weights: Tensor | None = None
    ) -> Float[Tensor, "bags dim"]:
        """One vector a bag.

        `input` is row ids (bags, size), or (entries,) with `offsets`, or a jagged nested tensor, or one
        list of keys a bag. `per_sample_weights` has the shape of the ids; with keys it is (entries,).
        """
        if not isinstance(input, Tensor):
            return self._of_keys(input, per_sample_weights)
        bags, zeros = self._bags_of(input, offsets, per_sample_weights)
        if torch.compiler.is_compiling() and self._is_plain_block(input, zeros):
            block = bags.ids.reshape(input.shape)
            return pool_block(self.weight, block, per_sample_weights, self.mode, self.padding_idx)
        if self._is_plain(bags, zeros):
            return F.embedding_bag(
                bags.ids, self.weight, bags.offsets, None, 2.0, self.scale_grad_by_freq, self.mode,
                self.sparse, bags.weights, True, self.padding_idx,
            )  # fmt: skip
        if self.padding_idx is not None:
            kept = bags.ids != self.padding_idx
            bags, zeros = bags.only(kept), None if zeros is None else zeros[kept]
        return self._pooled(self.weight, bags, zeros)

    def to_table(self) -> Table:
        """A Table with a copy of the rows as they are now, as float32 on the CPU."""
        self.settle()
        return tables.table_of(self.vocabulary, self.weight, self.metadata)

    def regularize(self, *regularizers: Regularizer) -> EmbeddingBag:
        """Add what a step does to rows beyond following their gradient; needs a rowspace.nn optimizer."""
        add_regularizers(self, regularizers)
        return self

    def settle(self) -> None:
        """Bring every row to where a dense optimizer would have it; call it before reading `weight`."""
        settle(self)

    def check(self) -> None:
        """Raise now for an id out of range that a GPU has met since the last call; waits for the GPU."""
        self.inputs.check.check_now(self.inputs.name)

    def unknown_report(self) -> UnknownReport:
        """How many lookups met an unknown value so far."""
        return self.inputs.report

    def _bags_of(
        self, ids: Tensor, offsets: Tensor | None, weights: Tensor | None
    ) -> tuple[Bags, Tensor | None]:
        """Bags of checked ids, and which of their entries are to be zeros."""
        name, includes_last = self.inputs.name, self.include_last_offset
        if ids.is_nested:
            bags = of_ids(name, ids, offsets, weights, includes_last)
            checked, zeros = self.inputs.ids_of(bags.ids, self.weight, self.training)
            return replace(bags, ids=checked), zeros
        checked, zeros = self.inputs.ids_of(ids, self.weight, self.training)
        bags = of_ids(name, checked, offsets, weights, includes_last)
        return bags, None if zeros is None else zeros.reshape(-1)

    def _is_plain(self, bags: Bags, zeros: Tensor | None) -> bool:
        """Whether torch's own operator says all there is to say."""
        return (
            zeros is None
            and self.max_norm is None
            and (self.mode == "sum" or bags.weights is None)
            and not (self.training and self.dropout is not None)
            and not is_collected(self.weight)
        )

    def _is_plain_block(self, ids: Tensor, zeros: Tensor | None) -> bool:
        """Whether all bags have one size, and what they give is plain arithmetic on the rows."""
        return (
            not ids.is_nested
            and ids.dim() == 2
            and zeros is None
            and self.max_norm is None
            and not (self.training and self.dropout is not None)
            and not self.scale_grad_by_freq
            and not is_collected(self.weight)
        )

    def _of_keys(self, keys: Any, weights: Tensor | None) -> Tensor:
        bags, rows = of_keys(self.inputs, keys, weights, self.weight.device, self.training)
        if len(rows.ids) == len(bags.ids) and bool((rows.sizes == 1).all()):
            return self._pooled(self.weight, replace(bags, ids=rows.ids))
        shares = rows.per_entry(rows.sizes.to(self.weight.dtype).reciprocal())
        return self._pooled(pool(self.weight, rows.ids, rows.offsets, shares, sparse=self.sparse), bags)

    def _pooled(self, rows: Tensor, bags: Bags, zeros: Tensor | None = None) -> Tensor:
        """The vector of each bag over `rows`, the table or the vectors of keys made of several rows."""
        keeps = self._keeps(rows, bags, zeros)
        vectors = self._max_of(rows, bags, keeps) if self.mode == "max" else self._sum_of(rows, bags, keeps)
        return vectors if self.dropout is None else self.dropout(vectors, None, self.training)

    def _sum_of(self, rows: Tensor, bags: Bags, keeps: Tensor | None) -> Tensor:
        weights = bags.weights
        if self.mode == "mean":
            weights = self._weights(bags)
            totals = bags.totals(weights)
            shares = torch.where(totals == 0, 0, 1 / totals.where(totals != 0, 1))
            weights = weights * bags.per_entry(shares)
        if keeps is not None:
            weights = keeps if weights is None else weights * keeps
        return pool(
            rows, bags.ids, bags.offsets, weights, scale_by_count=self.scale_grad_by_freq, sparse=self.sparse
        )

    @uncompiled
    def _max_of(self, rows: Tensor, bags: Bags, keeps: Tensor | None) -> Tensor:
        values = gather(rows, bags.ids, scale_by_count=self.scale_grad_by_freq, sparse=self.sparse)
        for factors in (bags.weights, keeps):
            values = values if factors is None else values * factors.unsqueeze(1)
        places = places_of_maxima(values.detach().float(), bags.offsets)
        if not len(values):
            return values.new_zeros(places.shape) + values.sum()
        return torch.where(places >= 0, values.gather(0, places.clamp(min=0)), 0)

    def _keeps(self, rows: Tensor, bags: Bags, zeros: Tensor | None) -> Tensor | None:
        """What each entry is multiplied by before pooling, however it counts; None: all by one."""
        factors = []
        if zeros is not None:
            factors.append((~zeros).to(rows.dtype))
        if self.max_norm is not None:
            factors.append(limiting_factors(rows.detach()[bags.ids], self.max_norm, self.norm_type))
        if self.training and self.dropout is not None and self.dropout.rows > 0:
            factors.append(self.dropout.keep_coefficients(bags.ids, rows.dtype))
        return math.prod(factors[1:], start=factors[0]) if factors else None

    def _weights(self, bags: Bags) -> Tensor:
        return self.weight.new_ones(len(bags.ids)) if bags.weights is None else bags.weights
