"""The parts of an adaptive softmax that is tied to an embedding: its rows in the places of Linear layers."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch's users know
from jaxtyping import Float, Int64
from torch import Tensor

from rowspace.nn.embedding import Embedding
from rowspace.nn.lookup import gather


class TiedRows(torch.nn.Module):
    """Logits of some rows of a layer, by their first `width` values, and of `extra` rows of its own.

    The layer is no submodule here, so that a head with several of these lists its weight once.

    >>> rows = TiedRows(Embedding(9, 4), torch.tensor([2, 5]), width=3)
    >>> rows(torch.zeros(6, 3)).shape
    torch.Size([6, 2])
    """

    ids: Tensor

    def __init__(
        self,
        layer: Embedding,
        ids: Int64[Tensor, "rows"],
        *,
        width: int,
        extra: int = 0,
        bias: bool = False,
    ) -> None:
        """Take the rows `ids`; the own rows start as those of torch.nn.Linear do."""
        super().__init__()
        self._layer = (layer,)
        self.width = width
        self.register_buffer("ids", ids, persistent=False)
        made: dict[str, Any] = {"device": layer.weight.device, "dtype": layer.weight.dtype}
        self.own = torch.nn.Linear(width, extra, bias=False, **made) if extra else None
        self.bias = torch.nn.Parameter(torch.zeros(len(ids) + extra, **made)) if bias else None

    def forward(self, hidden: Float[Tensor, "*batch width"]) -> Float[Tensor, "*batch rows_and_extra"]:
        """The logits, those of the own rows last. No position: the layer's rows are not touched."""
        (layer,) = self._layer
        if hidden.numel() == 0 and self.own is None:
            return hidden @ hidden.new_zeros(self.width, len(self.ids))
        rows = gather(layer.weight, self.ids, padding_row=layer.padding_idx, sparse=layer.sparse)
        rows = rows[:, : self.width]
        if self.own is not None:
            rows = torch.cat([rows, self.own.weight])
        return F.linear(hidden, rows, self.bias)
