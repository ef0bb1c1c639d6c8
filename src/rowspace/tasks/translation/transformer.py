"""A small Transformer, normalised before each part (Vaswani et al., 2017; Xiong et al., ICML 2020)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch's users know
from jaxtyping import Float, Int64
from torch import Tensor

from rowspace.tasks.networks import Dropout
from rowspace.tasks.translation.attention import Attention, Heads, Mask, causal_mask

WIDENING = 4  # how many times wider the inner layer is


@dataclass(eq=False)
class TransformerState:
    """What a search has read and written: keys and values of each layer."""

    mask: Mask
    read: list[tuple[Heads, Heads]]
    written: list[tuple[Heads, Heads]]  # empty before the first place
    place: int = 0

    def take_(self, rows: Int64[Tensor, "rows"]) -> None:
        """Go on with these rows alone, in this order."""
        self.mask = self.mask[rows]
        self.read = [(keys[rows], values[rows]) for keys, values in self.read]
        self.follow_(rows)

    def follow_(self, rows: Int64[Tensor, "rows"]) -> None:
        """Go on with what these rows have written, each in the place of a row of the same sentence."""
        self.written = [(keys[rows], values[rows]) for keys, values in self.written]


class Inner(torch.nn.Module):
    """The layer that looks at each place alone."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.wide, self.narrow = torch.nn.Linear(dim, WIDENING * dim), torch.nn.Linear(WIDENING * dim, dim)

    def forward(self, states: Float[Tensor, "*batch dim"]) -> Float[Tensor, "*batch dim"]:
        """Widen, cut at zero, narrow."""
        narrowed: Tensor = self.narrow(F.relu(self.wide(states)))
        return narrowed


class Reader(torch.nn.Module):
    """A layer of the encoder."""

    def __init__(self, dim: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.norms = torch.nn.ModuleList(torch.nn.LayerNorm(dim) for _ in range(2))
        self.attention, self.inner = Attention(dim, heads), Inner(dim)
        self.dropout = Dropout(dropout)

    def forward(
        self, states: Float[Tensor, "sentences length dim"], mask: Mask
    ) -> Float[Tensor, "sentences length dim"]:
        """Look around, then inward."""
        normed = self.norms[0](states)
        seen = self.attention(normed, *self.attention.keys_and_values(normed), mask)
        states = states + self.dropout(seen)
        added: Tensor = states + self.dropout(self.inner(self.norms[1](states)))
        return added


class Writer(torch.nn.Module):
    """A layer of the decoder."""

    def __init__(self, dim: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.norms = torch.nn.ModuleList(torch.nn.LayerNorm(dim) for _ in range(3))
        self.own, self.other, self.inner = Attention(dim, heads), Attention(dim, heads), Inner(dim)
        self.dropout = Dropout(dropout)

    def offered(self, states: Float[Tensor, "sentences length dim"]) -> tuple[Heads, Heads]:
        """The keys and values of what was read."""
        return self.other.keys_and_values(states)

    def forward(
        self,
        states: Float[Tensor, "sentences places dim"],
        read: tuple[Heads, Heads],
        mask: Mask,
        written: tuple[Heads, Heads] | None = None,
    ) -> tuple[Float[Tensor, "sentences places dim"], tuple[Heads, Heads]]:
        """Look back, at what was read, then inward; `written` are keys and values of earlier places."""
        normed = self.norms[0](states)
        keys, values = self.own.keys_and_values(normed)
        if written is not None:
            keys, values = torch.cat([written[0], keys], 2), torch.cat([written[1], values], 2)
        ahead = causal_mask(states.shape[1]) if written is None else None
        states = states + self.dropout(self.own(normed, keys, values, ahead))
        states = states + self.dropout(self.other(self.norms[1](states), *read, mask))
        return states + self.dropout(self.inner(self.norms[2](states))), (keys, values)


class Transformer(torch.nn.Module):
    """From vectors of both sentences to a state for each place of the second."""

    writers: Any  # a module list of Writer

    def __init__(self, dim: int, layers: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.readers = torch.nn.ModuleList(Reader(dim, heads, dropout) for _ in range(layers))
        self.writers = torch.nn.ModuleList(Writer(dim, heads, dropout) for _ in range(layers))
        self.norms = torch.nn.ModuleList(torch.nn.LayerNorm(dim) for _ in range(2))
        self.dropout = Dropout(dropout)

    def read(
        self, vectors: Float[Tensor, "sentences length dim"], mask: Mask
    ) -> Float[Tensor, "sentences length dim"]:
        """The encoder's states."""
        states = self.dropout(vectors + places(0, *vectors.shape[1:]))
        for layer in self.readers:
            states = layer(states, mask)
        normed: Tensor = self.norms[0](states)
        return normed

    def write(
        self,
        states: Float[Tensor, "sentences length dim"],
        mask: Mask,
        vectors: Float[Tensor, "sentences places dim"],
    ) -> Float[Tensor, "sentences places dim"]:
        """The decoder's states where all that it writes is given."""
        return self.advance(self.begin(states, mask), vectors)

    def begin(self, states: Float[Tensor, "sentences length dim"], mask: Mask) -> TransformerState:
        """Be ready to write the first place."""
        return TransformerState(mask, [layer.offered(states) for layer in self.writers], [])

    def advance(
        self, state: TransformerState, vectors: Float[Tensor, "rows places dim"]
    ) -> Float[Tensor, "rows places dim"]:
        """The decoder's states at the next places, either the first ones or one alone; changes `state`."""
        states = self.dropout(vectors + places(state.place, *vectors.shape[1:]))
        state.place += vectors.shape[1]
        before, state.written = state.written, []
        for number, layer in enumerate(self.writers):
            written = before[number] if before else None
            states, kept = layer(states, state.read[number], state.mask, written)
            state.written.append(kept)
        normed: Tensor = self.norms[1](states)
        return normed


def places(first: int, length: int, dim: int) -> Float[Tensor, "length dim"]:
    """Sines and cosines of each place, of lengths from 2 pi to 10,000 times that."""
    rates = torch.exp(torch.arange((dim + 1) // 2) * (-2 * math.log(10_000.0) / dim))
    angles = torch.arange(first, first + length).unsqueeze(1) * rates
    return torch.cat([angles.sin(), angles.cos()], 1)[:, :dim]
