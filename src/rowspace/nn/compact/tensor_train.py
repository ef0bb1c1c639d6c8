"""TensorTrainEmbedding: the table as a chain of small tensors, one for each digit of an id."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from rowspace.errors import RecipeError
from rowspace.nn.compact.embedding_layer import (
    Ids,
    at_least_one,
    describe_size,
    device_of,
    number_of_parameters,
    table_of_layer,
)
from rowspace.nn.compact.factors import even_factors, factors_covering
from rowspace.nn.embedding import Embedding
from rowspace.nn.initializers import Initializer
from rowspace.table import Table
from rowspace.vocabulary import Vocabulary

_CENTER = 2.0  # in standard deviations
_BEYOND = math.erfc(_CENTER / math.sqrt(2)) / 2  # the share of a normal distribution above the center
_VARIANCE_BEYOND = 1 + _CENTER * math.exp(-(_CENTER**2) / 2) / math.sqrt(2 * math.pi) / _BEYOND


class TensorTrainEmbedding(torch.nn.Module):
    """A chain of cores: each digit of an id picks a matrix from its core, and their product is the vector.

    Core k keeps for each of row_factors[k] digits a tensor (rank, dim_factors[k], rank); the first and the
    last rank are one. row_factors multiply to num_embeddings or more, dim_factors to embedding_dim.
    Distinct ids of a batch are computed once. Yin et al., "TT-Rec: tensor train compression for deep
    learning recommendation models", MLSys 2021; Hrinchuk et al., "Tensorized embedding layers", 2020.

    >>> layer = TensorTrainEmbedding(1_000, 64, rank=8)
    >>> layer(torch.tensor([3, 999])).shape, layer.num_parameters
    (torch.Size([2, 64]), 3200)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        rank: int,
        *,
        num_cores: int = 3,
        row_factors: Sequence[int] | None = None,
        dim_factors: Sequence[int] | None = None,
        padding_idx: int | None = None,
        std: float = 1.0,
        device: Any = None,
        dtype: torch.dtype | None = None,
        name: str = "TensorTrainEmbedding",
    ) -> None:
        """Start so that values of vectors spread by `std`; factors are as even as can be unless given."""
        super().__init__()
        at_least_one(name, embedding_dim=embedding_dim, rank=rank, num_cores=num_cores)
        self.ids = Ids(name, num_embeddings, padding_idx)
        self.num_embeddings, self.embedding_dim, self.rank = num_embeddings, embedding_dim, rank
        self.row_factors = tuple(row_factors or factors_covering(num_embeddings, num_cores))
        self.dim_factors = tuple(dim_factors or even_factors(embedding_dim, len(self.row_factors)))
        self._check_factors(name)
        self.ranks = (1, *[rank] * (len(self.row_factors) - 1), 1)
        sizes = [r * dim * s for (r, s), dim in zip(pairwise(self.ranks), self.dim_factors, strict=True)]
        # A value is a sum, over all paths through the ranks, of products of one number a core.
        variance = (std**2 / math.prod(self.ranks)) ** (1 / len(sizes))
        made: dict[str, Any] = {"device": device, "dtype": dtype, "init": far_normal(variance), "name": name}
        self.cores = torch.nn.ModuleList(
            Embedding(digits, size, **made) for digits, size in zip(self.row_factors, sizes, strict=True)
        )

    @property
    def padding_idx(self) -> int | None:
        """The id whose vector is zero."""
        return self.ids.padding_idx

    @property
    def num_parameters(self) -> int:
        """The sum over cores of row factor x rank before x dim factor x rank behind."""
        return number_of_parameters(self)

    def forward(self, ids: Tensor) -> Float[Tensor, "*batch dim"]:
        """The vectors of row ids of any shape; RowIdError for one outside [0, num_embeddings)."""
        ids = self.ids.checked(ids, device_of(self))
        distinct, places = torch.unique(ids, return_inverse=True)
        vectors = self._multiply(distinct).index_select(0, places.reshape(-1))
        return self.ids.blanked(vectors.reshape(*ids.shape, self.embedding_dim), ids)

    def to_table(self, keys: Vocabulary | Iterable[str] | None = None) -> Table:
        """A Table of the vectors as they are now, under the keys of the ids in their order."""
        return table_of_layer(self, keys)

    def extra_repr(self) -> str:
        """The sizes."""
        factors = f"row_factors={self.row_factors}, dim_factors={self.dim_factors}"
        sizes = f"{self.num_embeddings}, {self.embedding_dim}, rank={self.rank}, {factors}"
        return f"{sizes}, {describe_size(self)}"

    def _multiply(self, ids: Int64[Tensor, "n"]) -> Float[Tensor, "n dim"]:
        """The product of the cores for each id, the dims of the first slowest."""
        sizes = zip(self.dim_factors, pairwise(self.ranks), strict=True)
        vectors: Tensor | None = None
        dims = 1
        for core, digits, (dim, (before, behind)) in zip(self.cores, self._digits(ids), sizes, strict=True):
            matrices = core(digits).reshape(-1, before, dim * behind)
            vectors = matrices if vectors is None else torch.bmm(vectors, matrices)
            dims *= dim
            vectors = vectors.reshape(-1, dims, behind)
        assert vectors is not None
        return vectors.squeeze(-1)

    def _digits(self, ids: Int64[Tensor, "n"]) -> list[Int64[Tensor, "n"]]:
        """Each id in the mixed base of row_factors, first digit first."""
        digits = []
        for factor in reversed(self.row_factors):
            digits.append(ids % factor)
            ids = ids // factor
        return digits[::-1]

    def _check_factors(self, name: str) -> None:
        at_least_one(name, **{f"factor {each}": each for each in (*self.row_factors, *self.dim_factors)})
        covered, dims = math.prod(self.row_factors), math.prod(self.dim_factors)
        if covered < self.num_embeddings or dims != self.embedding_dim:
            raise RecipeError(
                f"{name}: row_factors must multiply to {self.num_embeddings} or more, but {self.row_factors} "
                f"give {covered}; dim_factors to {self.embedding_dim}, but {self.dim_factors} give {dims}"
            )
        if len(self.row_factors) != len(self.dim_factors):
            raise RecipeError(
                f"{name}: there must be one row factor and one dim factor a core, but there are "
                f"{len(self.row_factors)} and {len(self.dim_factors)}"
            )


def far_normal(variance: float) -> Initializer:
    """An initializer that draws normal values farther than two deviations from zero, scaled to `variance`.

    Products of plain normal values heap up at zero, the more the lower the ranks; those of values away from
    zero come closer to a normal distribution themselves (the sampled Gaussian of TT-Rec).

    >>> weight = torch.empty(1000, 9)
    >>> far_normal(4.0)(weight, torch.Generator().manual_seed(1))
    >>> round(weight.var().item(), 1), round(weight.abs().min().item(), 1)
    (4.0, 1.7)
    """

    @torch.no_grad()
    def fill(weight: Tensor, generator: torch.Generator | None = None) -> None:
        shares = torch.rand(weight.shape, generator=generator, device=weight.device)  # in [0, 1)
        far = -torch.special.ndtri((1 - shares) * _BEYOND)
        signs = torch.rand(weight.shape, generator=generator, device=weight.device).round() * 2 - 1
        weight.copy_(far * signs * math.sqrt(variance / _VARIANCE_BEYOND))

    return fill
