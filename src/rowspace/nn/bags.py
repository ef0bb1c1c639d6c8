"""Bags of rows as EmbeddingBag takes them: a block, ids with offsets, a jagged tensor, or lists of keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Float, Int64, Shaped
from torch import Tensor

from rowspace.errors import ShapeError
from rowspace.nn.inputs import Inputs
from rowspace.nn.keys import flatten_bags


@dataclass(frozen=True, eq=False)
class Bags:
    """Bag b is ids[offsets[b]:offsets[b + 1]], each entry with its weight."""

    ids: Shaped[Tensor, "entries"]  # as the user gave them until they are checked, then int64
    offsets: Int64[Tensor, "bags_plus_1"]
    weights: Float[Tensor, "entries"] | None = None  # None: all are one

    @property
    def sizes(self) -> Int64[Tensor, "bags"]:
        """How many entries each bag has."""
        return self.offsets.diff()

    def per_entry(self, of_bags: Float[Tensor, "bags"]) -> Float[Tensor, "entries"]:
        """A number a bag, repeated for each of its entries."""
        return torch.repeat_interleave(of_bags, self.sizes, output_size=len(self.ids))

    def totals(self, factors: Float[Tensor, "entries"]) -> Float[Tensor, "bags"]:
        """The sum of a number an entry over each bag."""
        bags = torch.arange(len(self.offsets) - 1, device=self.ids.device)
        bag_of = torch.repeat_interleave(bags, self.sizes, output_size=len(self.ids))
        return factors.new_zeros(len(bags)).index_add(0, bag_of, factors)

    def only(self, kept: Bool[Tensor, "entries"]) -> Bags:
        """The bags with fewer entries."""
        before = torch.cat([kept.new_zeros(1, dtype=torch.int64), kept.cumsum(0)])
        weights = None if self.weights is None else self.weights[kept]
        return Bags(self.ids[kept], before[self.offsets], weights)


def of_ids(
    name: str, ids: Tensor, offsets: Tensor | None, weights: Tensor | None, includes_last: bool
) -> Bags:
    """Bags from a block of ids (bags, size), from ids and offsets, or from a jagged nested tensor.

    Raises ShapeError where offsets are missing, not wanted, or do not divide the ids.
    """
    if ids.is_nested:
        nested: Any = ids
        ids, offsets, includes_last = nested.values(), nested.offsets(), True
        weights = weights.values() if weights is not None and weights.is_nested else weights
    elif ids.dim() == 2:
        if offsets is not None:
            raise ShapeError(f"{name}: ids of shape {tuple(ids.shape)} are bags already; leave offsets out")
        begin = torch.arange(ids.shape[0] + 1, device=ids.device) * ids.shape[1]
        return Bags(ids.reshape(-1), begin, None if weights is None else _weights(name, ids, weights))
    elif ids.dim() != 1 or offsets is None:
        raise ShapeError(
            f"{name}: bags are ids of shape (bags, size), or of shape (entries,) with offsets, but got shape "
            f"{tuple(ids.shape)} {'without' if offsets is None else 'with'} offsets"
        )
    begin = _complete(name, offsets.long(), ids.numel(), includes_last)
    return Bags(ids, begin, None if weights is None else _weights(name, ids, weights))


def of_keys(
    inputs: Inputs, keys: Any, weights: Tensor | None, device: torch.device, training: bool
) -> tuple[Bags, Bags]:
    """Bags of keys, whose ids count the keys, and the bag of rows that each key is."""
    packed, offsets = flatten_bags(keys, inputs.name)
    rows = inputs.rows_of(packed, device, training)
    if weights is not None and weights.shape != (len(packed),):
        raise ShapeError(
            f"{inputs.name}: per_sample_weights must be ({len(packed)},), one a key of all bags, but "
            f"are {tuple(weights.shape)}"
        )
    bags = Bags(torch.arange(len(packed), device=device), offsets.to(device), weights)
    return bags, Bags(rows.ids, rows.offsets)


def _weights(name: str, ids: Tensor, weights: Tensor) -> Tensor:
    """The weight of each entry, or ShapeError."""
    if weights.numel() != ids.numel():
        raise ShapeError(
            f"{name}: per_sample_weights must have the shape of the ids, {tuple(ids.shape)}, but have "
            f"{tuple(weights.shape)}"
        )
    return weights.reshape(-1)


def _complete(name: str, offsets: Tensor, entries: int, includes_last: bool) -> Tensor:
    """Offsets that end with the number of entries, checked where that costs no wait for a device."""
    if not includes_last:
        offsets = torch.cat([offsets, offsets.new_full((1,), entries)])
    if offsets.device.type == "cpu" and not torch.compiler.is_compiling():
        rising = len(offsets) > 0 and bool((offsets.diff() >= 0).all())
        if not rising or int(offsets[0]) != 0 or int(offsets[-1]) != entries:
            ends = "include_last_offset=True: the last is their number" if includes_last else "from 0 on"
            raise ShapeError(
                f"{name}: offsets must rise from 0 and lie within the {entries} ids ({ends}), but are "
                f"{offsets.tolist() if len(offsets) < 9 else [*offsets[:8].tolist(), '...']}"
            )
    return offsets
