"""The recurrent body of a language model: an LSTM whose states go on from stretch to stretch."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

States = tuple[Tensor, ...]  # two of (layers, columns, hidden)


class Recurrent(torch.nn.Module):
    """Long short-term memory (Hochreiter & Schmidhuber 1997): reads any length, one id after the other.

    >>> body = Recurrent(dim=4, hidden=6, layers=2, dropout=0.1)
    >>> hidden, states = body(torch.zeros(5, 3, 4), body.blank(3))
    >>> hidden.shape, [each.shape for each in states]
    (torch.Size([5, 3, 6]), [torch.Size([2, 3, 6]), torch.Size([2, 3, 6])])
    """

    def __init__(self, dim: int, hidden: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.width = hidden
        self.lstm = torch.nn.LSTM(dim, hidden, layers, dropout=dropout if layers > 1 else 0.0)

    def blank(self, columns: int) -> States:
        """The states before the first id."""
        zeros = torch.zeros(self.lstm.num_layers, columns, self.lstm.hidden_size)
        return zeros, zeros.clone()

    def forward(
        self, vectors: Float[Tensor, "length columns dim"], states: States
    ) -> tuple[Float[Tensor, "length columns width"], States]:
        """What is known behind each id, and the states behind the last."""
        hidden, states = self.lstm(vectors, states)
        return hidden, tuple(states)
