"""Embedding: torch.nn.Embedding that checks its ids, takes keys, and lets optimizers step rows."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch's users know
from jaxtyping import Float
from torch import Tensor

from rowspace.nn import tables
from rowspace.nn.dropout import Dropout
from rowspace.nn.initializers import Initializer
from rowspace.nn.inputs import Inputs, asked_unknown
from rowspace.nn.lookup import gather, pool
from rowspace.nn.norms import limited
from rowspace.nn.regularizers import Regularizer
from rowspace.nn.row_ids import OutOfRange
from rowspace.nn.unknown import Unknown, UnknownReport
from rowspace.nn.weights import add_regularizers, clear_unknown_row, keep_rows, settle, start_rows
from rowspace.table import Table
from rowspace.vocabulary import Vocabulary


class Embedding(torch.nn.Embedding):
    """A table inside a network: row ids or keys in, vectors out.

    Everything that torch.nn.Embedding takes, it takes, with the same results and the same state_dict.
    Beyond that:

    * Ids are checked. `out_of_range` says what an id outside [0, num_embeddings) means: "raise"
      (RowIdError with the layer, the id, its place and the range), "unknown" (the row of `unknown`),
      or "zero" (a vector of zeros). On a GPU "raise" is told at a later call, without a synchronisation.
    * Made from a table or a vocabulary it takes keys as well: ``layer(["king", "queen"])``.
    * An optimizer of rowspace.nn.optim steps only the rows that a batch met.
    * `max_norm` bounds what the layer gives out and what a step leaves; forward never writes into rows.
    * `dropout` (rowspace.nn.Dropout) drops values, whole rows or dimensions; `init` names an initializer.

    The padding row receives no gradient, no decay and no update.

    >>> layer = Embedding(5, 2, padding_idx=0, init="uniform_word2vec", name="colors")
    >>> layer(torch.tensor([[0, 3]])).shape
    torch.Size([1, 2, 2])
    >>> layer(torch.tensor([3, 7]))
    Traceback (most recent call last):
    rowspace.errors.RowIdError: ...
    """

    weight: torch.nn.Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Tensor | None = None,
        _freeze: bool = False,
        device: Any = None,
        dtype: torch.dtype | None = None,
        *,
        vocabulary: Vocabulary | None = None,
        out_of_range: OutOfRange = "raise",
        unknown: Unknown | None = None,
        dropout: Dropout | None = None,
        init: str | Initializer | None = None,
        name: str = "Embedding",
    ) -> None:
        """Make a table of num_embeddings rows; the first eleven arguments are torch's.

        Raises RecipeError where the vocabulary, the unknown row and the size contradict each other.
        """
        super().__init__(
            num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse,
            _weight, _freeze, device, dtype,
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
    ) -> Embedding:
        """A layer with a copy of the table's rows, that takes its keys; trains them unless `freeze`.

        `unknown` says what stands for unknown keys: where neither it nor the vocabulary names a row, one
        more is appended, the mean of all. Without it unknown keys follow the vocabulary's own policy.
        `options` are those of the constructor.
        """
        unknown = asked_unknown(table.vocabulary, unknown, options)
        vectors, vocabulary, unknown = tables.layer_arrays(table, unknown)
        layer = cls(
            len(vectors),
            table.dim,
            _weight=vectors,
            _freeze=freeze,
            vocabulary=vocabulary,
            unknown=unknown,
            **options,
        )
        layer.metadata = dict(table.metadata)
        return layer

    @classmethod
    def from_vocabulary(
        cls, vocabulary: Vocabulary, dim: int, *, unknown: Unknown | None = None, **options: Any
    ) -> Embedding:
        """A layer with random rows for the keys of `vocabulary`: "normal_scaled" unless `init` says else.

        The unknown row starts at zeros, so that until it has learned it says nothing.
        """
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

    def forward(self, input: Any) -> Float[Tensor, "*batch dim"]:
        """The vectors of row ids (an integer tensor of any shape, or jagged) or of keys (a str, or lists).

        A key made of several rows, as with subwords, is their mean, and all of them learn.
        """
        if isinstance(input, Tensor):
            if input.is_nested:
                jagged: Any = input
                return torch.nested.nested_tensor_from_jagged(self(jagged.values()), jagged.offsets())
            ids, zeros = self.inputs.ids_of(input, self.weight, self.training)
            vectors = self._of_ids(ids)
            return vectors if zeros is None else vectors.masked_fill(zeros.unsqueeze(-1), 0)
        found = self.inputs.rows_of(input, self.weight.device, self.training)
        if found.single:
            return self._of_ids(found.ids.reshape(found.shape))
        return self._of_bags(found.ids, found.offsets).reshape(*found.shape, self.embedding_dim)

    def attend(self, hidden: Float[Tensor, "*batch dim"]) -> Float[Tensor, "*batch rows"]:
        """The product of `hidden` with every row: the logits of a tied output layer."""
        if not torch.compiler.is_compiling():
            self.settle()
        return F.linear(hidden, self.weight)

    def to_table(self) -> Table:
        """A Table with a copy of the rows as they are now, as float32 on the CPU."""
        self.settle()
        return tables.table_of(self.vocabulary, self.weight, self.metadata)

    def regularize(self, *regularizers: Regularizer) -> Embedding:
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

    def _of_ids(self, ids: Tensor) -> Tensor:
        vectors = gather(
            self.weight,
            ids,
            padding_row=self.padding_idx,
            scale_by_count=self.scale_grad_by_freq,
            sparse=self.sparse,
        )
        return self._bounded(vectors, ids)

    def _of_bags(self, ids: Tensor, offsets: Tensor) -> Tensor:
        """Means of bags, one a key: (keys, dim)."""
        sizes = offsets.diff()
        shares = sizes.to(self.weight.dtype).reciprocal().repeat_interleave(sizes)
        return self._bounded(pool(self.weight, ids, offsets, shares, sparse=self.sparse), None)

    def _bounded(self, vectors: Tensor, ids: Tensor | None) -> Tensor:
        """What max_norm and dropout leave of vectors; `ids` where each is one row."""
        if self.max_norm is not None:
            vectors = limited(vectors, self.max_norm, self.norm_type)
        return vectors if self.dropout is None else self.dropout(vectors, ids, self.training)
