"""HashedEmbedding: each id is the sum of a few rows that it shares with other ids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from rowspace.nn.compact.embedding_layer import (
    Ids,
    at_least_one,
    describe_size,
    device_of,
    normal,
    number_of_parameters,
    table_of_layer,
)
from rowspace.nn.compact.mixing import hashed_rows, salts
from rowspace.nn.embedding import Embedding
from rowspace.nn.lookup import pool
from rowspace.table import Table
from rowspace.vocabulary import Vocabulary


class HashedEmbedding(torch.nn.Module):
    """Bloom embeddings: an id is hashed `num_hashes` times into `num_rows` rows, and its vector is their sum.

    Two ids share a vector only if they meet in every hash, about once in num_rows ** num_hashes pairs;
    one row of theirs they share far more often. Nothing is stored for an id, so `num_embeddings` may be
    as large as int64 allows. The hashes are splitmix64's (see `mixing`): the same on every platform.
    Serra & Karatzoglou, "Getting deep recommenders fit: Bloom embeddings for sparse binary input/output
    networks", RecSys 2017.

    >>> layer = HashedEmbedding(1_000_000, 16, num_rows=5_000)
    >>> layer(torch.tensor([[3, 999_999]])).shape, layer.num_parameters
    (torch.Size([1, 2, 16]), 80000)
    """

    salts: Int64[Tensor, "num_hashes"]

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        num_rows: int,
        *,
        num_hashes: int = 2,
        seed: int = 0,
        padding_idx: int | None = None,
        std: float = 1.0,
        device: Any = None,
        dtype: torch.dtype | None = None,
        name: str = "HashedEmbedding",
    ) -> None:
        """Start so that values of vectors spread by `std`; `seed` picks the hashes, not the start."""
        super().__init__()
        at_least_one(name, embedding_dim=embedding_dim, num_rows=num_rows, num_hashes=num_hashes)
        self.ids = Ids(name, num_embeddings, padding_idx)
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        init = normal(std**2 / num_hashes)
        self.rows = Embedding(num_rows, embedding_dim, device=device, dtype=dtype, init=init, name=name)
        self.register_buffer("salts", salts(seed, num_hashes).to(device))  # saved: rows mean nothing without

    @property
    def padding_idx(self) -> int | None:
        """The id whose vector is zero."""
        return self.ids.padding_idx

    @property
    def num_parameters(self) -> int:
        """num_rows x embedding_dim."""
        return number_of_parameters(self)

    def rows_of(self, ids: Int64[Tensor, "*batch"]) -> Int64[Tensor, "*batch num_hashes"]:
        """The rows that make up each id; two of them may be the same."""
        return hashed_rows(ids, self.salts, self.rows.num_embeddings)

    def forward(self, ids: Tensor) -> Float[Tensor, "*batch dim"]:
        """The vectors of row ids of any shape; RowIdError for one outside [0, num_embeddings)."""
        ids = self.ids.checked(ids, device_of(self))
        rows = self.rows_of(ids.reshape(-1))
        ends = torch.arange(1 + rows.shape[0], device=ids.device) * rows.shape[1]
        sums = pool(self.rows.weight, rows.reshape(-1), ends)
        return self.ids.blanked(sums.reshape(*ids.shape, self.embedding_dim), ids)

    def to_table(self, keys: Vocabulary | Iterable[str] | None = None) -> Table:
        """A Table of the vectors as they are now, under the keys of the ids in their order."""
        return table_of_layer(self, keys)

    def extra_repr(self) -> str:
        """The sizes."""
        sizes = f"{self.num_embeddings}, {self.embedding_dim}, num_hashes={len(self.salts)}"
        return f"{sizes}, {describe_size(self)}"
