"""Dropout of what comes out of a table: single values, whole rows, or dimensions."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch's users know
from jaxtyping import Float, Int, Int64
from torch import Tensor

from rowspace.errors import RecipeError

_WORD = (1 << 32) - 1


@dataclass(frozen=True)
class Dropout:
    """How much of its output a layer drops during training; what is left is scaled up to the same mean.

    `elements` is ordinary dropout: each value by itself. `rows` drops whole rows: within one call every
    occurrence of a row is kept or dropped together, so that the network cannot read it off the next
    occurrence (Gal & Ghahramani, "A theoretically grounded application of dropout in recurrent neural
    networks", NeurIPS 2016). `dims` drops the same dimensions of every vector of a call. Each is a
    probability in [0, 1), they may be combined, and RecipeError is raised for anything else.

    >>> dropout = Dropout(rows=0.5)
    >>> ids = torch.tensor([0, 1, 2, 3, 0, 1, 2, 3])
    >>> vectors = dropout(torch.ones(8, 2), ids, training=True)
    >>> bool((vectors[:4] == vectors[4:]).all()), set(vectors.flatten().tolist()) <= {0.0, 2.0}
    (True, True)
    """

    elements: float = 0.0
    rows: float = 0.0
    dims: float = 0.0

    def __post_init__(self) -> None:
        for each in fields(self):
            rate = getattr(self, each.name)
            if not 0.0 <= rate < 1.0:
                raise RecipeError(f"Dropout: {each.name} must lie in [0, 1), but is {rate}; 0 drops nothing")

    def __call__(
        self,
        vectors: Float[Tensor, "*batch dim"],
        ids: Int[Tensor, "*batch"] | None,
        training: bool,
        generator: torch.Generator | None = None,
    ) -> Float[Tensor, "*batch dim"]:
        """The vectors with some values zero and the others scaled up; outside of training as they are.

        `ids` names the row of each vector. None: the vectors are no single rows, as after pooling, where
        `keep_coefficients` has dropped rows before. `generator` must live on the vectors' device.
        """
        if not training:
            return vectors
        if self.rows and ids is not None:
            vectors = vectors * self.keep_coefficients(ids, vectors.dtype, generator).unsqueeze(-1)
        if self.dims:
            vectors = vectors * _keep(vectors.new_empty(vectors.shape[-1]), self.dims, generator)
        if self.elements and generator is None:
            vectors = F.dropout(vectors, self.elements)
        elif self.elements:
            vectors = vectors * _keep(torch.empty_like(vectors), self.elements, generator)
        return vectors

    def keep_coefficients(
        self,
        ids: Int[Tensor, "*batch"],
        dtype: torch.dtype = torch.float32,
        generator: torch.Generator | None = None,
    ) -> Float[Tensor, "*batch"]:
        """What to multiply the row of each entry by before rows are pooled: 0, or 1 / (1 - rows).

        Equal ids get equal coefficients, by a hash of the id and of a seed drawn for this call: the cost
        is linear in the entries, whatever the number of rows, and nothing waits for a GPU.

        >>> Dropout(rows=0.75).keep_coefficients(torch.tensor([5, 5, 5])).unique().tolist() in ([0.0], [4.0])
        True
        """
        seed = torch.randint(0, 1 << 32, (2,), generator=generator, device=ids.device)
        kept = _hashed(ids.long(), seed) >= round(self.rows * (1 << 32))
        return kept.to(dtype) / (1.0 - self.rows)


def _keep(out: Tensor, rate: float, generator: torch.Generator | None) -> Tensor:
    """Fill with 1 / (1 - rate), or with 0 at the given rate."""
    return out.bernoulli_(1.0 - rate, generator=generator).div_(1.0 - rate)


def _hashed(ids: Int64[Tensor, "*batch"], seed: Int64[Tensor, "2"]) -> Int64[Tensor, "*batch"]:
    """32 well mixed bits of each id, the same for equal ids: a generator that counts in ids."""
    low = _mixed((ids & _WORD) ^ seed[0])
    return _mixed(low ^ ((ids >> 32) & _WORD) ^ seed[1])


def _mixed(words: Int64[Tensor, "*batch"]) -> Int64[Tensor, "*batch"]:
    """Scramble 32-bit words one to one: lowbias32 of C. Wellons's hash-prospector.

    Both multipliers lie below 2**31, so no product leaves int64.
    """
    words = ((words ^ (words >> 16)) * 0x21F0AAAD) & _WORD
    words = ((words ^ (words >> 15)) * 0x735A2D97) & _WORD
    return words ^ (words >> 15)
