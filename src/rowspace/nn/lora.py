"""LoRAEmbedding: a frozen table, and a change of low rank that is trained."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from rowspace.errors import RecipeError
from rowspace.nn.compact.embedding_layer import at_least_one, normal, number_of_parameters, table_of_layer
from rowspace.nn.embedding import Embedding
from rowspace.nn.unknown import UnknownReport
from rowspace.table import Table
from rowspace.vocabulary import Vocabulary


class LoRAEmbedding(torch.nn.Module):
    """A frozen table plus a change of low rank: ``table(ids) + changes(ids) @ projection * alpha / rank``.

    The projection starts at zero, so the layer starts as the table, and only the change is trained: rank
    numbers an id, and rank x embedding_dim. It takes keys where the table does. Hu et al., "LoRA: low-rank
    adaptation of large language models", ICLR 2022.

    >>> layer = LoRAEmbedding(Embedding(1_000, 64), rank=4)
    >>> layer.num_parameters, layer.num_trained
    (68256, 4256)
    >>> layer.merge()(torch.tensor([3])).shape
    torch.Size([1, 64])
    """

    def __init__(
        self,
        table: Embedding | Float[Tensor, "rows dim"],
        rank: int,
        *,
        alpha: float | None = None,
        name: str = "LoRAEmbedding",
    ) -> None:
        """Freeze the table, a layer or its weight, and wrap it without a copy; alpha is `rank` unless given.

        Raises RecipeError for a table with max_norm, which would bound rows before they are changed, or
        with a random share of unknown values.
        """
        super().__init__()
        at_least_one(name, rank=rank)
        self.table = table if isinstance(table, Embedding) else _layer_around(table)
        self.table.weight.requires_grad_(False)
        self._check(name)
        self.num_embeddings, self.embedding_dim = self.table.num_embeddings, self.table.embedding_dim
        self.rank, self.alpha = rank, float(rank if alpha is None else alpha)
        weight, padding = self.table.weight, self.table.padding_idx
        made: dict[str, Any] = {"device": weight.device, "dtype": weight.dtype, "init": normal(1 / rank)}
        self.changes = Embedding(self.num_embeddings, rank, padding, **made)
        self.changes.inputs = replace(self.table.inputs, name=name, report=UnknownReport())
        self.projection = torch.nn.Parameter(weight.new_zeros(rank, self.embedding_dim))

    @property
    def padding_idx(self) -> int | None:
        """The table's."""
        return self.table.padding_idx

    @property
    def num_parameters(self) -> int:
        """The table's, and those of the change."""
        return number_of_parameters(self)

    @property
    def num_trained(self) -> int:
        """Those of the change: (num_embeddings + embedding_dim) x rank."""
        return number_of_parameters(self.changes) + self.projection.numel()

    def forward(self, input: Any) -> Float[Tensor, "*batch dim"]:
        """The vectors of row ids of any shape, or of keys; RowIdError and UnknownKeyError as the table's."""
        change = self.changes(input) @ self.projection
        vectors: Tensor = self.table(input) + change * (self.alpha / self.rank)
        return vectors

    def merge(self) -> Embedding:
        """A plain layer with a copy of the table, the change added into its rows; frozen as the table is."""
        self.changes.settle()
        merged = copy.deepcopy(self.table)
        with torch.no_grad():
            merged.weight.addmm_(self.changes.weight, self.projection, alpha=self.alpha / self.rank)
        return merged

    def to_table(self, keys: Vocabulary | Iterable[str] | None = None) -> Table:
        """A Table of the changed vectors, under the table's own keys unless others are given."""
        return self.merge().to_table() if keys is None else table_of_layer(self, keys)

    def extra_repr(self) -> str:
        """The sizes."""
        sizes = f"{self.num_embeddings}, {self.embedding_dim}, rank={self.rank}, alpha={self.alpha:g}"
        return f"{sizes}, {self.num_parameters:,} parameters, {self.num_trained:,} trained"

    def _check(self, name: str) -> None:
        if self.table.max_norm is not None:
            limit = self.table.max_norm
            raise RecipeError(f"{name} needs a table without max_norm, but its max_norm is {limit}")
        unknown = self.table.inputs.unknown
        if unknown is not None and unknown.rate > 0:
            raise RecipeError(
                f"{name} needs a table whose unknown values have rate 0, but theirs is {unknown.rate}: it "
                "would replace other ids in the change than in the table"
            )


def _layer_around(weight: Float[Tensor, "rows dim"]) -> Embedding:
    num_rows, dim = weight.shape
    return Embedding(num_rows, dim, _weight=weight.detach())
