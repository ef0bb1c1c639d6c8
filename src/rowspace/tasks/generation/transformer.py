"""The attending body of a language model: a small causal Transformer."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch's users know
from jaxtyping import Float
from torch import Tensor

from rowspace.nn.embedding import Embedding

HEAD_WIDTH = 64  # of an attention head, or less where dim is not a multiple of it


class Attention(torch.nn.Module):
    """Each position looks at itself and at those before it (Vaswani et al. 2017)."""

    def __init__(self, dim: int, dropout: float) -> None:
        super().__init__()
        self.heads = dim // HEAD_WIDTH if dim % HEAD_WIDTH == 0 else 1
        self.dropout = dropout
        self.asked = torch.nn.Linear(dim, 3 * dim)
        self.joined = torch.nn.Linear(dim, dim)

    def forward(self, hidden: Float[Tensor, "columns length dim"]) -> Float[Tensor, "columns length dim"]:
        """The mix of what the positions offer."""
        columns, length, dim = hidden.shape
        parts = self.asked(hidden).view(columns, length, 3, self.heads, dim // self.heads)
        queries, keys, values = parts.permute(2, 0, 3, 1, 4)
        dropped = self.dropout if self.training else 0.0
        mixed = F.scaled_dot_product_attention(queries, keys, values, is_causal=True, dropout_p=dropped)
        joined: Tensor = self.joined(mixed.transpose(1, 2).reshape(columns, length, dim))
        return joined


class Block(torch.nn.Module):
    """Attention and two linear layers, each behind a normalisation and beside a way around it."""

    def __init__(self, dim: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.before_attention, self.before_layers = torch.nn.LayerNorm(dim), torch.nn.LayerNorm(dim)
        self.attention = Attention(dim, dropout)
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(dim, hidden), torch.nn.GELU(), torch.nn.Linear(hidden, dim)
        )
        self.dropout = torch.nn.Dropout(dropout)

    def forward(self, hidden: Float[Tensor, "columns length dim"]) -> Float[Tensor, "columns length dim"]:
        """The vectors with what this block adds."""
        hidden = hidden + self.dropout(self.attention(self.before_attention(hidden)))
        added: Tensor = hidden + self.dropout(self.layers(self.before_layers(hidden)))
        return added


class Transformer(torch.nn.Module):
    """Blocks over at most `length` positions; it carries nothing from one stretch to the next.

    >>> body = Transformer(dim=8, hidden=16, layers=2, dropout=0.1, length=5)
    >>> hidden, states = body(torch.zeros(5, 3, 8), body.blank(3))
    >>> hidden.shape, states
    (torch.Size([5, 3, 8]), ())
    """

    def __init__(self, dim: int, hidden: int, layers: int, dropout: float, length: int) -> None:
        super().__init__()
        self.width = dim
        self.places = Embedding(length, dim, name="places")
        torch.nn.init.normal_(self.places.weight, std=dim**-0.5)
        self.blocks = torch.nn.ModuleList(Block(dim, hidden, dropout) for _ in range(layers))
        self.last = torch.nn.LayerNorm(dim)

    def blank(self, columns: int) -> tuple[Tensor, ...]:
        """No states."""
        del columns
        return ()

    def forward(
        self, vectors: Float[Tensor, "length columns dim"], states: tuple[Tensor, ...]
    ) -> tuple[Float[Tensor, "length columns dim"], tuple[Tensor, ...]]:
        """What is known behind each id."""
        places = self.places(torch.arange(len(vectors), device=vectors.device))
        hidden = vectors.transpose(0, 1) + places
        for block in self.blocks:
            hidden = block(hidden)
        return self.last(hidden).transpose(0, 1), states
