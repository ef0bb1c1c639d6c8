"""What every embedding layer offers, and the parts that the compact ones share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from rowspace.errors import RecipeError
from rowspace.nn.initializers import Initializer
from rowspace.nn.row_ids import RowIdCheck
from rowspace.nn.tables import table_of
from rowspace.table import Table
from rowspace.vocabulary import Vocabulary, Words

# Of a fresh matrix that all rows share. Large beside rows: an optimizer that steps all numbers alike, as Adam
# does, then turns the rows, which are met seldom, faster than the matrix, which every batch moves.
PROJECTION_VARIANCE = 1.0
IDS_IN_BLOCK = 1 << 16  # of a table that is written out


@runtime_checkable
class EmbeddingLayer(Protocol):
    """What a network needs from whatever turns row ids into vectors; tests/contracts says the rest."""

    @property
    def num_embeddings(self) -> int:
        """How many ids it takes: 0 up to this."""
        ...

    @property
    def embedding_dim(self) -> int:
        """How many values a vector has."""
        ...

    @property
    def padding_idx(self) -> int | None:
        """The id whose vector is zero and has no gradient."""
        ...

    @property
    def num_parameters(self) -> int:
        """How many numbers the layer stores, trained or frozen."""
        ...

    def parameters(self) -> Iterator[torch.nn.Parameter]:
        """What optimizers take."""
        ...

    def __call__(self, ids: Tensor) -> Tensor:
        """The vectors of row ids of any shape: (*ids.shape, embedding_dim)."""
        ...

    def to_table(self, keys: Vocabulary | Iterable[str] | None = None) -> Table:
        """A Table of the vectors as they are now."""
        ...


class Ids:
    """The ids that one layer takes: checked on the way in, the padding blanked on the way out."""

    def __init__(self, name: str, num_embeddings: int, padding_idx: int | None) -> None:
        """Count a negative `padding_idx` from the end, as torch does; RecipeError for one out of range."""
        at_least_one(name, num_embeddings=num_embeddings)
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise RecipeError(
                f"{name}: padding_idx must be an id in [0, {num_embeddings}), but is {padding_idx}"
            )
        self.name = name
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        self._check = RowIdCheck("raise", num_embeddings, None)

    def checked(self, ids: Tensor, device: torch.device) -> Int64[Tensor, "*batch"]:
        """The ids as int64; RowIdError names the layer and the place of one outside [0, num_embeddings)."""
        safe, _ = self._check.check(ids, self.name, device)
        return safe

    def blanked(
        self, vectors: Float[Tensor, "*batch dim"], ids: Int64[Tensor, "*batch"]
    ) -> Float[Tensor, "*batch dim"]:
        """The vectors, those of the padding id set to zero, which keeps gradient from their rows."""
        if self.padding_idx is None:
            return vectors
        return vectors.masked_fill((ids == self.padding_idx).unsqueeze(-1), 0)


def at_least_one(name: str, **sizes: int) -> None:
    """Raise RecipeError unless each size is a whole number from one on."""
    for size, number in sizes.items():
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise RecipeError(f"{name}: {size} must be a whole number from 1 on, but is {number!r}")


def device_of(layer: EmbeddingLayer | torch.nn.Module) -> torch.device:
    """Where the parameters of a layer are; the CPU if it has none."""
    return next((each.device for each in layer.parameters()), torch.device("cpu"))


def number_of_parameters(layer: torch.nn.Module) -> int:
    """How many numbers the parameters of a layer hold, trained or frozen."""
    return sum(each.numel() for each in layer.parameters())


def describe_size(layer: EmbeddingLayer) -> str:
    """The end of a repr: how many parameters, and what part of a full table that is."""
    full = layer.num_embeddings * layer.embedding_dim
    return f"{layer.num_parameters:,} parameters ({layer.num_parameters / full:.1%} of a full table)"


def table_of_layer(layer: EmbeddingLayer, keys: Vocabulary | Iterable[str] | None) -> Table:
    """A Table with the vector of every id, float32 on the CPU.

    `keys` are those of the ids in their order; without them the keys are the ids in decimals. Costs
    num_embeddings x embedding_dim x 4 bytes. ShapeError for more keys than ids.
    """
    vocabulary = keys if isinstance(keys, Vocabulary) or keys is None else Words.from_keys(keys)
    vectors = torch.empty(layer.num_embeddings, layer.embedding_dim)
    with torch.no_grad():
        for start in range(0, layer.num_embeddings, IDS_IN_BLOCK):
            stop = min(start + IDS_IN_BLOCK, layer.num_embeddings)
            vectors[start:stop] = layer(torch.arange(start, stop, device=device_of(layer)))
    return table_of(vocabulary, vectors, {})


def normal(variance: float) -> Initializer:
    """An initializer that draws every value from the normal distribution of this variance around zero."""

    @torch.no_grad()
    def fill(weight: Tensor, generator: torch.Generator | None = None) -> None:
        weight.normal_(0, math.sqrt(variance), generator=generator)

    return fill
