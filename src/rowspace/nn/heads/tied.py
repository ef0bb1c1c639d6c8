"""TiedOutput: the rows of an embedding used a second time, as the output layer."""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from rowspace.nn.embedding import Embedding


class TiedOutput(torch.nn.Module):
    """Logits over all rows of an embedding layer: hidden @ rows.T + bias.

    The layer's rows serve input and output alike and learn from both, which saves half of a language
    model's parameters and makes it better (Press & Wolf 2017; Inan et al. 2017). Where the hidden size
    is not the layer's dim, or where Press & Wolf's extra projection is wanted, `hidden_dim` puts a
    matrix (hidden_dim, dim) before. Under autocast the logits come in its dtype, as those of a Linear.

    Every row has a gradient here, so an optimiser of rowspace.nn.optim steps the whole matrix.
    SampledSoftmax and AdaptiveSoftmax are for tables where that costs too much.

    >>> layer = Embedding(7, 4)
    >>> head = TiedOutput(layer, hidden_dim=6)
    >>> head(torch.zeros(2, 3, 6)).shape
    torch.Size([2, 3, 7])
    """

    def __init__(self, layer: Embedding, *, hidden_dim: int | None = None, bias: bool = True) -> None:
        """Share `layer`; its rows are stored and stepped once, whatever other module holds it."""
        super().__init__()
        self.layer = layer
        made: dict[str, Any] = {"device": layer.weight.device, "dtype": layer.weight.dtype}
        self.projection = (
            None
            if hidden_dim is None
            else torch.nn.Linear(hidden_dim, layer.embedding_dim, bias=False, **made)
        )
        self.bias = torch.nn.Parameter(torch.zeros(layer.num_embeddings, **made)) if bias else None

    def forward(self, hidden: Float[Tensor, "*batch hidden"]) -> Float[Tensor, "*batch rows"]:
        """The logits; costs dim x rows multiply-adds a position."""
        if self.projection is not None:
            hidden = self.projection(hidden)
        logits = self.layer.attend(hidden)
        return logits if self.bias is None else logits.add_(self.bias)
