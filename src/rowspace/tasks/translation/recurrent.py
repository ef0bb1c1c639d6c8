"""GRUs with attention between them: the light network (Bahdanau et al., ICLR 2015; Wu et al., 2016)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rowspace.tasks.networks import Dropout
from rowspace.tasks.translation.attention import Attention, Heads, Mask

Hidden = Float[Tensor, "1 rows dim"]


@dataclass(eq=False)
class RecurrentState:
    """What a search has read, and where both GRUs stand."""

    mask: Mask
    read: tuple[Heads, Heads] | None  # None without attention
    last: Float[Tensor, "rows 1 dim"]
    lower: Hidden
    upper: Hidden

    def take_(self, rows: Int64[Tensor, "rows"]) -> None:
        """Go on with these rows alone, in this order."""
        if self.read is not None:
            self.mask, self.read = self.mask[rows], (self.read[0][rows], self.read[1][rows])
        self.last = self.last[rows]
        self.follow_(rows)

    def follow_(self, rows: Int64[Tensor, "rows"]) -> None:
        """Go on with what these rows have written, each in the place of a row of the same sentence."""
        self.lower, self.upper = self.lower[:, rows], self.upper[:, rows]


class Recurrent(torch.nn.Module):
    """From vectors of both sentences to a state for each place of the second.

    A bidirectional GRU reads. One GRU looks at what is written, its states ask the attention, and a second
    GRU has both: so no place has to wait for the attention of the one before, as in Wu et al. (2016).
    Without attention the last state of the reader is all that the writer has.
    """

    def __init__(self, dim: int, layers: int, heads: int, dropout: float) -> None:
        """`heads` 0 is without attention."""
        super().__init__()
        self.reader = torch.nn.GRU(
            dim, dim, layers, batch_first=True, bidirectional=True, dropout=dropout if layers > 1 else 0.0
        )
        self.narrow, self.first = torch.nn.Linear(2 * dim, dim), torch.nn.Linear(2 * dim, 2 * dim)
        self.attention = Attention(dim, heads) if heads else None
        self.lower = torch.nn.GRU(dim, dim, batch_first=True)
        self.upper = torch.nn.GRU(2 * dim, dim, batch_first=True)
        self.norm = torch.nn.LayerNorm(dim)
        self.dropout = Dropout(dropout)

    def read(
        self, vectors: Float[Tensor, "sentences length dim"], mask: Mask
    ) -> Float[Tensor, "sentences length_1 dim2"]:
        """The states of the reader, and behind them its last state in both directions."""
        lengths = (mask == 0).flatten(1).sum(1)
        packed = pack_padded_sequence(self.dropout(vectors), lengths, batch_first=True, enforce_sorted=False)
        found, last = self.reader(packed)
        states, _ = pad_packed_sequence(found, batch_first=True)
        ends = torch.cat([last[-2], last[-1]], 1)
        return torch.cat([states, ends.unsqueeze(1)], 1)

    def write(
        self,
        states: Float[Tensor, "sentences length_1 dim2"],
        mask: Mask,
        vectors: Float[Tensor, "sentences places dim"],
    ) -> Float[Tensor, "sentences places dim"]:
        """The writer's states where all that it writes is given."""
        return self.advance(self.begin(states, mask), vectors)

    def begin(self, states: Float[Tensor, "sentences length_1 dim2"], mask: Mask) -> RecurrentState:
        """Be ready to write the first place."""
        narrowed = self.dropout(self.narrow(states))
        lower, upper = torch.tanh(self.first(states[:, -1])).unsqueeze(0).chunk(2, 2)
        read = None if self.attention is None else self.attention.keys_and_values(narrowed[:, :-1])
        return RecurrentState(mask, read, narrowed[:, -1:], lower.contiguous(), upper.contiguous())

    def advance(
        self, state: RecurrentState, vectors: Float[Tensor, "rows places dim"]
    ) -> Float[Tensor, "rows places dim"]:
        """The writer's states at the next places; changes `state`."""
        lower, state.lower = self.lower(self.dropout(vectors), state.lower)
        lower = self.dropout(lower)
        if self.attention is None or state.read is None:
            taken = state.last.expand_as(lower)
        else:
            taken = self.attention(lower, *state.read, state.mask)
        upper, state.upper = self.upper(torch.cat([lower, self.dropout(taken)], 2), state.upper)
        normed: Tensor = self.norm(self.dropout(upper) + lower + taken)
        return normed
