"""QuotientRemainderEmbedding: an id is a quotient and a remainder, and each has a table of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor

from rowspace.errors import RecipeError
from rowspace.nn.compact.embedding_layer import (
    Ids,
    at_least_one,
    describe_size,
    device_of,
    normal,
    number_of_parameters,
    table_of_layer,
)
from rowspace.nn.embedding import Embedding
from rowspace.table import Table
from rowspace.vocabulary import Vocabulary

Combine = Literal["multiply", "add", "concatenate"]


class QuotientRemainderEmbedding(torch.nn.Module):
    """Vectors joined from the rows of ``id // num_remainders`` and of ``id % num_remainders``.

    No two ids share both rows, so each has a vector of its own, from num_embeddings / num_remainders +
    num_remainders rows. They are joined by `combine`: "multiply" and "add" value by value,
    "concatenate" of half the dim each. Shi et al., "Compositional embeddings using complementary
    partitions for memory-efficient recommendation systems", KDD 2020.

    >>> layer = QuotientRemainderEmbedding(1_000, 16, num_remainders=50)
    >>> layer(torch.tensor([3, 999])).shape, layer.num_parameters
    (torch.Size([2, 16]), 1120)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        num_remainders: int,
        *,
        combine: Combine = "multiply",
        padding_idx: int | None = None,
        std: float = 1.0,
        device: Any = None,
        dtype: torch.dtype | None = None,
        name: str = "QuotientRemainderEmbedding",
    ) -> None:
        """Start so that values of vectors spread by `std`."""
        super().__init__()
        at_least_one(name, embedding_dim=embedding_dim, num_remainders=num_remainders)
        if combine not in get_args(Combine):
            raise RecipeError(
                f"{name}: combine must be one of {', '.join(get_args(Combine))}, but is {combine!r}"
            )
        if combine == "concatenate" and embedding_dim == 1:
            raise RecipeError(f"{name}: concatenate needs an embedding_dim from 2 on, but it is 1")
        self.ids = Ids(name, num_embeddings, padding_idx)
        self.num_embeddings, self.embedding_dim, self.combine = num_embeddings, embedding_dim, combine
        num_quotients = -(-num_embeddings // num_remainders)
        dims = self._dims()
        variance = {"multiply": std, "add": std**2 / 2, "concatenate": std**2}[combine]
        made: dict[str, Any] = {"device": device, "dtype": dtype, "init": normal(variance), "name": name}
        self.quotients = Embedding(num_quotients, dims[0], **made)
        self.remainders = Embedding(num_remainders, dims[1], **made)

    @property
    def padding_idx(self) -> int | None:
        """The id whose vector is zero."""
        return self.ids.padding_idx

    @property
    def num_parameters(self) -> int:
        """About (num_embeddings / num_remainders + num_remainders) x embedding_dim."""
        return number_of_parameters(self)

    def forward(self, ids: Tensor) -> Float[Tensor, "*batch dim"]:
        """The vectors of row ids of any shape; RowIdError for one outside [0, num_embeddings)."""
        ids = self.ids.checked(ids, device_of(self))
        num_remainders = self.remainders.num_embeddings
        quotient = self.quotients(ids // num_remainders)
        return self.ids.blanked(self._join(quotient, self.remainders(ids % num_remainders)), ids)

    def to_table(self, keys: Vocabulary | Iterable[str] | None = None) -> Table:
        """A Table of the vectors as they are now, under the keys of the ids in their order."""
        return table_of_layer(self, keys)

    def extra_repr(self) -> str:
        """The sizes."""
        sizes = f"{self.num_embeddings}, {self.embedding_dim}, combine={self.combine}"
        return f"{sizes}, {describe_size(self)}"

    def _dims(self) -> tuple[int, int]:
        """Of quotients and of remainders, which take the odd dimension."""
        if self.combine != "concatenate":
            return self.embedding_dim, self.embedding_dim
        return self.embedding_dim // 2, self.embedding_dim - self.embedding_dim // 2

    def _join(self, quotient: Tensor, remainder: Tensor) -> Tensor:
        if self.combine == "concatenate":
            return torch.cat([quotient, remainder], -1)
        return quotient * remainder if self.combine == "multiply" else quotient + remainder
