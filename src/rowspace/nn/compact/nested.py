"""NestedEmbedding: vectors of which any of the chosen prefixes is a good vector too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch's users know
from jaxtyping import Float
from torch import Tensor

from rowspace.errors import RecipeError
from rowspace.nn.compact.embedding_layer import (
    at_least_one,
    describe_size,
    normal,
    number_of_parameters,
    table_of_layer,
)
from rowspace.nn.embedding import Embedding
from rowspace.table import Table
from rowspace.vocabulary import Vocabulary


class NestedEmbedding(torch.nn.Module):
    """A full table that is trained so that it can be cut: its first values are worth the most.

    Train it with `nested_loss` over `dims`; afterwards `prefix` gives the layer of fewer dims. Kusupati et
    al., "Matryoshka representation learning", NeurIPS 2022.

    >>> layer = NestedEmbedding(1_000, 64, dims=[8, 16, 32, 64])
    >>> layer(torch.tensor([3, 999])).shape, layer(torch.tensor([3, 999]), dim=8).shape
    (torch.Size([2, 64]), torch.Size([2, 8]))
    >>> layer.prefix(8).weight.shape
    torch.Size([1000, 8])
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        dims: Sequence[int],
        *,
        padding_idx: int | None = None,
        std: float = 1.0,
        device: Any = None,
        dtype: torch.dtype | None = None,
        name: str = "NestedEmbedding",
    ) -> None:
        """Name the prefixes to train, ascending up to embedding_dim; values spread by `std`."""
        super().__init__()
        at_least_one(name, num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        self.dims = _ascending(dims, embedding_dim, name)
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        made: dict[str, Any] = {"device": device, "dtype": dtype, "init": normal(std**2), "name": name}
        self.rows = Embedding(num_embeddings, embedding_dim, padding_idx, **made)

    @property
    def padding_idx(self) -> int | None:
        """The id whose vector is zero."""
        return self.rows.padding_idx

    @property
    def num_parameters(self) -> int:
        """num_embeddings x embedding_dim."""
        return number_of_parameters(self)

    def forward(self, ids: Tensor, dim: int | None = None) -> Float[Tensor, "*batch _"]:
        """The first `dim` values (default: all) of the vectors of row ids of any shape."""
        vectors: Tensor = self.rows(ids)
        return vectors if dim is None else vectors[..., : self._inside(dim)]

    def prefix(self, dim: int) -> Embedding:
        """A layer of its own with a copy of the first `dim` values of every row."""
        self.rows.settle()
        rows = self.rows.weight.detach()[:, : self._inside(dim)].clone()
        name = self.rows.inputs.name
        return Embedding(self.num_embeddings, dim, self.padding_idx, _weight=rows, name=name)

    def to_table(self, keys: Vocabulary | Iterable[str] | None = None) -> Table:
        """A Table of the vectors as they are now, under the keys of the ids in their order."""
        return table_of_layer(self, keys)

    def extra_repr(self) -> str:
        """The sizes."""
        return f"{self.num_embeddings}, {self.embedding_dim}, dims={self.dims}, {describe_size(self)}"

    def _inside(self, dim: int) -> int:
        if not 1 <= dim <= self.embedding_dim:
            raise RecipeError(f"a prefix must have 1 to {self.embedding_dim} dims, but is asked for {dim}")
        return dim


def nested_loss(
    loss_of: Callable[..., Tensor],
    *vectors: Float[Tensor, "*_ dim"],
    dims: Sequence[int],
    shares: Sequence[float] | None = None,
) -> Float[Tensor, ""]:
    """The mean of a loss over prefixes of vectors, which trains all of them at once.

    `loss_of` is called once for each of `dims` with all `vectors`, whose values behind the prefix are zero:
    dot products, cosines and linear maps see what they would see of the prefix alone, and the network
    behind keeps its shape. `shares` weights the prefixes (default: evenly). Costs len(dims) forward and
    backward passes of what `loss_of` does.

    >>> nested_loss(lambda vectors: vectors.sum(), torch.ones(2, 4), dims=[1, 4])
    tensor(5.)
    """
    width = vectors[0].shape[-1]
    dims = _ascending(dims, width, "nested_loss")
    shares = [1.0] * len(dims) if shares is None else shares
    if len(shares) != len(dims) or sum(shares) <= 0:
        raise RecipeError(f"nested_loss needs a share for each of {len(dims)} dims, above 0 in sum: {shares}")
    losses = [
        share * loss_of(*(F.pad(each[..., :dim], (0, width - dim)) for each in vectors))
        for dim, share in zip(dims, shares, strict=True)
    ]
    return torch.stack(losses).sum() / sum(shares)


def _ascending(dims: Sequence[int], width: int, name: str) -> tuple[int, ...]:
    rising = all(a < b for a, b in pairwise(dims))
    if not dims or not rising or not 1 <= dims[0] <= dims[-1] <= width:
        raise RecipeError(f"{name}: dims must rise within 1 to {width}, but are {list(dims)}")
    return tuple(dims)
