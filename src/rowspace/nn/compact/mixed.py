"""MixedDimEmbedding: frequent ids get long rows, rare ids short ones that a matrix makes long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from rowspace.arrays import Counts
from rowspace.errors import RecipeError
from rowspace.nn.compact.embedding_layer import (
    PROJECTION_VARIANCE,
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


class Block(NamedTuple):
    """A run of ids that have rows of the same dim."""

    num_rows: int
    dim: int


class MixedDimEmbedding(torch.nn.Module):
    """Ids in blocks by falling frequency; the rows of each block have a dim of its own.

    A block's rows are taken to embedding_dim by a matrix of its own (none where they have it already).
    `from_counts` makes the blocks: each takes an equal share of all lookups, and dims fall as a power of
    how often a row of the block is looked up. As in LowRankEmbedding, `projections` are best trained at a
    smaller learning rate than `rows`. Ginart et al., "Mixed dimension embeddings with application to
    memory-efficient recommendation systems", ISIT 2021.

    >>> layer = MixedDimEmbedding([(10, 16), (90, 4)], 16)
    >>> layer(torch.tensor([3, 99])).shape, layer.num_parameters
    (torch.Size([2, 16]), 584)
    """

    def __init__(
        self,
        blocks: Sequence[tuple[int, int]],
        embedding_dim: int,
        *,
        padding_idx: int | None = None,
        std: float = 1.0,
        device: Any = None,
        dtype: torch.dtype | None = None,
        name: str = "MixedDimEmbedding",
    ) -> None:
        """Take ids in the order of `blocks`, pairs of num_rows and dim; values of vectors spread by `std`."""
        super().__init__()
        at_least_one(name, embedding_dim=embedding_dim, blocks=len(blocks))
        self.blocks = tuple(Block(*each) for each in blocks)
        for block in self.blocks:
            at_least_one(name, num_rows=block.num_rows, dim=block.dim)
        self.num_embeddings, self.embedding_dim = sum(block.num_rows for block in self.blocks), embedding_dim
        self.ids = Ids(name, self.num_embeddings, padding_idx)
        made: dict[str, Any] = {"device": device, "dtype": dtype}
        self.rows, self.projections = torch.nn.ModuleList(), torch.nn.ModuleList()
        for num_rows, dim in self.blocks:
            short = dim != embedding_dim
            init = normal(std**2 / dim / PROJECTION_VARIANCE if short else std**2)
            self.rows.append(Embedding(num_rows, dim, init=init, name=name, **made))
            projection = torch.nn.Linear(dim, embedding_dim, bias=False, **made) if short else None
            if projection is not None:
                normal(PROJECTION_VARIANCE)(projection.weight, None)
            self.projections.append(projection or torch.nn.Identity())

    @classmethod
    def from_counts(
        cls,
        counts: Counts,
        embedding_dim: int,
        *,
        temperature: float = 0.3,
        num_blocks: int = 8,
        **options: Any,
    ) -> MixedDimEmbedding:
        """Blocks by rule from how often each id occurs, most frequent id first, as in a vocabulary.

        A block whose rows are looked up p times on average gets dim embedding_dim x (p / p of the
        first) ** temperature: 0 gives all the same dim, 1 makes dims fall as fast as frequencies.
        RecipeError for counts that rise.
        """
        return cls(blocks_of(counts, embedding_dim, temperature, num_blocks), embedding_dim, **options)

    @property
    def padding_idx(self) -> int | None:
        """The id whose vector is zero."""
        return self.ids.padding_idx

    @property
    def num_parameters(self) -> int:
        """The sum over blocks of num_rows x dim, and dim x embedding_dim for those with a matrix."""
        return number_of_parameters(self)

    def forward(self, ids: Tensor) -> Float[Tensor, "*batch dim"]:
        """The vectors of row ids of any shape; RowIdError for one outside [0, num_embeddings)."""
        ids = self.ids.checked(ids, device_of(self))
        flat, start = ids.reshape(-1), 0
        places, vectors = [], []
        for block, rows, projection in zip(self.blocks, self.rows, self.projections, strict=True):
            stop = start + block.num_rows
            places.append(torch.nonzero((flat >= start) & (flat < stop)).squeeze(1))
            vectors.append(projection(rows(flat[places[-1]] - start)))
            start = stop
        order = torch.empty_like(flat).scatter_(
            0, torch.cat(places), torch.arange(flat.shape[0], device=flat.device)
        )
        joined = torch.cat(vectors).index_select(0, order).reshape(*ids.shape, self.embedding_dim)
        return self.ids.blanked(joined, ids)

    def to_table(self, keys: Vocabulary | Iterable[str] | None = None) -> Table:
        """A Table of the vectors as they are now, under the keys of the ids in their order."""
        return table_of_layer(self, keys)

    def extra_repr(self) -> str:
        """The sizes."""
        dims = " + ".join(f"{block.num_rows} x {block.dim}" for block in self.blocks)
        return f"{self.num_embeddings}, {self.embedding_dim}, {dims}, {describe_size(self)}"


def blocks_of(counts: Counts, embedding_dim: int, temperature: float, num_blocks: int) -> list[Block]:
    """The blocks of MixedDimEmbedding.from_counts.

    Fewer than num_blocks where single ids are looked up more often than a share. A block that would store
    no less with short rows and a matrix than with full rows has full ones.

    >>> blocks_of(np.array([1_000] * 10 + [10] * 1_000), 32, temperature=0.5, num_blocks=2)
    [Block(num_rows=10, dim=32), Block(num_rows=1000, dim=3)]
    """
    at_least_one("blocks_of", embedding_dim=embedding_dim, num_blocks=num_blocks, counts=len(counts))
    if temperature < 0:
        raise RecipeError(f"temperature must be 0 or more, but is {temperature}")
    if np.any(counts[1:] > counts[:-1]):
        place = int(np.argmax(counts[1:] > counts[:-1])) + 1
        raise RecipeError(
            f"counts must fall from the most frequent id to the rarest, but id {place} has {counts[place]} "
            f"and the one before {counts[place - 1]}; number ids by falling count"
        )
    often = np.maximum(counts, 1)  # an id that nobody counted needs a place too
    shares = np.cumsum(often) / often.sum()
    cuts = np.searchsorted(shares, np.arange(1, num_blocks) / num_blocks) + 1
    starts = np.unique([0, *cuts[cuts < len(counts)]])
    means = np.add.reduceat(often, starts) / np.diff([*starts, len(counts)])
    dims = np.maximum(np.rint(embedding_dim * (means / means[0]) ** temperature), 1).astype(int)
    sizes = np.diff([*starts, len(counts)])
    dims[dims * (sizes + embedding_dim) >= sizes * embedding_dim] = embedding_dim
    return [Block(int(size), int(dim)) for size, dim in zip(sizes, dims, strict=True)]
