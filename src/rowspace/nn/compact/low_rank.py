"""LowRankEmbedding: short rows, and one matrix that makes them long."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from rowspace.nn.compact.embedding_layer import (
    PROJECTION_VARIANCE,
    at_least_one,
    describe_size,
    normal,
    number_of_parameters,
    table_of_layer,
)
from rowspace.nn.embedding import Embedding
from rowspace.table import Table
from rowspace.vocabulary import Vocabulary


class LowRankEmbedding(torch.nn.Module):
    """The table as a product: rows (num_embeddings, rank) times a projection (rank, embedding_dim).

    The projection gets gradient in every step, a row only when it is met: a smaller learning rate for it,
    in a group of its own, makes training better.

    Lan et al., "ALBERT: a lite BERT for self-supervised learning of language representations",
    ICLR 2020, section 3.1.

    >>> layer = LowRankEmbedding(1_000, 64, rank=8)
    >>> layer(torch.tensor([3, 999])).shape, layer.num_parameters
    (torch.Size([2, 64]), 8512)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        rank: int,
        *,
        padding_idx: int | None = None,
        std: float = 1.0,
        device: Any = None,
        dtype: torch.dtype | None = None,
        name: str = "LowRankEmbedding",
    ) -> None:
        """Start so that values of vectors spread by `std`."""
        super().__init__()
        at_least_one(name, num_embeddings=num_embeddings, embedding_dim=embedding_dim, rank=rank)
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        init = normal(std**2 / rank / PROJECTION_VARIANCE)
        made: dict[str, Any] = {"device": device, "dtype": dtype, "init": init, "name": name}
        self.rows = Embedding(num_embeddings, rank, padding_idx, **made)
        self.projection = torch.nn.Parameter(self.rows.weight.new_empty(rank, embedding_dim))
        normal(PROJECTION_VARIANCE)(self.projection, None)

    @property
    def padding_idx(self) -> int | None:
        """The id whose vector is zero."""
        return self.rows.padding_idx

    @property
    def num_parameters(self) -> int:
        """(num_embeddings + embedding_dim) x rank."""
        return number_of_parameters(self)

    def forward(self, ids: Tensor) -> Float[Tensor, "*batch dim"]:
        """The vectors of row ids of any shape; RowIdError for one outside [0, num_embeddings)."""
        vectors: Tensor = self.rows(ids) @ self.projection
        return vectors

    def to_table(self, keys: Vocabulary | Iterable[str] | None = None) -> Table:
        """A Table of the vectors as they are now, under the keys of the ids in their order."""
        return table_of_layer(self, keys)

    def extra_repr(self) -> str:
        """The sizes."""
        rank = self.projection.shape[0]
        return f"{self.num_embeddings}, {self.embedding_dim}, rank={rank}, {describe_size(self)}"
