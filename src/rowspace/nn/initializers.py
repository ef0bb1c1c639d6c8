"""How rows start: callables that fill a weight in place, and the names by which layers take them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32
from torch import Tensor

from rowspace.errors import RecipeError, ShapeError
from rowspace.stores import all_rows
from rowspace.table import Table

# Fills a weight (num_rows, dim) in place; random numbers come from the generator, which lives on the
# weight's device (None: torch's own). A layer sets its padding row to zero afterwards.
Initializer = Callable[[Tensor, torch.Generator | None], None]

Known = Float[Tensor, "known dim"] | Float32[np.ndarray, "known dim"]


@torch.no_grad()
def uniform_word2vec(weight: Float[Tensor, "rows dim"], generator: torch.Generator | None = None) -> None:
    """Fill evenly between -0.5 / dim and 0.5 / dim, as word2vec starts its center rows.

    >>> weight = torch.empty(1000, 50)
    >>> uniform_word2vec(weight, torch.Generator().manual_seed(1))
    >>> round(weight.abs().max().item(), 4)
    0.01
    """
    bound = 0.5 / max(weight.shape[1], 1)
    weight.uniform_(-bound, bound, generator=generator)


@torch.no_grad()
def normal_scaled(weight: Float[Tensor, "rows dim"], generator: torch.Generator | None = None) -> None:
    """Fill with normal values of standard deviation 1 / sqrt(dim), so that vectors have length about 1.

    >>> weight = torch.empty(1000, 64)
    >>> normal_scaled(weight, torch.Generator().manual_seed(1))
    >>> round(weight.norm(dim=1).mean().item(), 1)
    1.0
    """
    weight.normal_(0.0, 1.0 / math.sqrt(max(weight.shape[1], 1)), generator=generator)


@torch.no_grad()
def xavier_uniform(weight: Float[Tensor, "rows dim"], generator: torch.Generator | None = None) -> None:
    """Fill evenly within sqrt(6 / (rows + dim)) of 0.

    Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS
    2010. The values shrink as the table grows.

    >>> weight = torch.empty(10, 50)
    >>> xavier_uniform(weight, torch.Generator().manual_seed(1))
    >>> round(weight.abs().max().item(), 2)
    0.32
    """
    bound = math.sqrt(3.0) * _xavier_deviation(weight)
    weight.uniform_(-bound, bound, generator=generator)


@torch.no_grad()
def xavier_normal(weight: Float[Tensor, "rows dim"], generator: torch.Generator | None = None) -> None:
    """Fill with normal values of standard deviation sqrt(2 / (rows + dim)); see `xavier_uniform`.

    >>> weight = torch.empty(150, 50)
    >>> xavier_normal(weight, torch.Generator().manual_seed(1))
    >>> round(weight.std().item(), 1)
    0.1
    """
    weight.normal_(0.0, _xavier_deviation(weight), generator=generator)


def like(known: Known) -> Initializer:
    """An initializer with the mean and the spread of known rows, dimension by dimension.

    New rows so drawn lie among the trained ones, neither at their center nor far outside. `known` is
    (known rows, dim); the spread is the standard deviation over the known rows, 0 for a single one.
    Raises ShapeError if there is no known row, or later for a weight of another dim.

    >>> fill = like(torch.tensor([[1.0, 5.0], [3.0, 5.0]]))
    >>> weight = torch.empty(1000, 2)
    >>> fill(weight, torch.Generator().manual_seed(1))
    >>> weight.mean(0).round().tolist(), weight.std(0).round().tolist()
    ([2.0, 5.0], [1.0, 0.0])
    """
    rows = torch.from_numpy(np.array(known)) if isinstance(known, np.ndarray) else known.detach()
    if len(rows) == 0:
        raise ShapeError("like needs at least one known row, but got none; pass normal_scaled instead")
    mean, deviation = rows.mean(0), rows.std(0, correction=0)

    @torch.no_grad()
    def fill(weight: Float[Tensor, "rows dim"], generator: torch.Generator | None = None) -> None:
        _check_dim(weight, len(mean))
        weight.normal_(generator=generator).mul_(deviation.to(weight)).add_(mean.to(weight))

    return fill


def from_table(
    table: Table, keys: Sequence[str] | None = None, missing: Initializer | None = None
) -> Initializer:
    """An initializer that takes rows from a table.

    Without `keys`, row i of the weight is row i of the table, and the sizes must agree. With `keys`, row
    i is the table's vector of keys[i] (the mean of its rows); rows whose key the table does not know, and
    those behind the last key, are filled by `missing`, by default `like` the vectors that were found (or
    `normal_scaled` where none was). Raises ShapeError, once it is called, for a weight that does not fit.

    >>> table = Table.from_arrays(["king", "queen"], np.eye(2, dtype=np.float32))
    >>> weight = torch.empty(3, 2)
    >>> from_table(table, keys=["queen", "joker", "king"])(weight, torch.Generator().manual_seed(1))
    >>> weight[0].tolist(), weight[2].tolist()
    ([0.0, 1.0], [1.0, 0.0])
    """
    if keys is None:
        return partial(_copy_rows, table)
    bags = table.vocabulary.rows_of(keys, "zero")
    found = torch.from_numpy(np.diff(bags.offsets) > 0)
    vectors = torch.from_numpy(np.array(table.store.pool(bags)))
    others = missing or (like(vectors[found]) if found.any() else normal_scaled)
    return partial(_place_known, vectors, found, others)


_NAMED: dict[str, Initializer] = {
    each.__name__: each for each in (uniform_word2vec, normal_scaled, xavier_uniform, xavier_normal)
}


def initializer(name: str) -> Initializer:
    """The initializer of that name: uniform_word2vec, normal_scaled, xavier_uniform or xavier_normal.

    Raises RecipeError for another name.

    >>> initializer("normal_scaled") is normal_scaled
    True
    """
    if name not in _NAMED:
        raise RecipeError(
            f"an initializer's name must be one of {', '.join(_NAMED)}, but is {name!r}; "
            "or pass a function of (weight, generator)"
        )
    return _NAMED[name]


@torch.no_grad()
def _copy_rows(table: Table, weight: Tensor, generator: torch.Generator | None = None) -> None:
    if weight.shape != table.shape:
        raise ShapeError(
            f"a weight that starts from a table must have its shape {table.shape}, but has "
            f"{tuple(weight.shape)}; pass keys= to place the table's vectors by key"
        )
    weight.copy_(torch.from_numpy(np.array(all_rows(table.store))))


@torch.no_grad()
def _place_known(
    vectors: Float[Tensor, "keys dim"],
    found: Bool[Tensor, "keys"],
    missing: Initializer,
    weight: Tensor,
    generator: torch.Generator | None = None,
) -> None:
    _check_dim(weight, vectors.shape[1])
    if len(vectors) > len(weight):
        raise ShapeError(
            f"there must be a row for each key, but there are {len(vectors)} keys and {len(weight)} rows"
        )
    missing(weight, generator)
    places = torch.nonzero(found).squeeze(1).to(weight.device)
    weight.index_copy_(0, places, vectors[found].to(weight))


def _check_dim(weight: Tensor, dim: int) -> None:
    if weight.shape[1] != dim:
        raise ShapeError(
            f"rows that start from known ones must have their dim {dim}, but have {weight.shape[1]}"
        )


def _xavier_deviation(weight: Tensor) -> float:
    return math.sqrt(2.0 / max(sum(weight.shape), 1))
