"""AdamW on rows: Adam with decay that skipped rows catch up as well."""

from __future__ import annotations

from torch import Tensor

from rowspace.nn.optim.adam import Adam
from rowspace.nn.optim.row_optimizer import Params


class AdamW(Adam):
    """torch.optim.AdamW for models with row parameters; a step costs the rows that a batch met.

    Every row is, whenever it is read, where torch's dense AdamW would have it within float error: rows that
    no batch meets decay all the same, by the rates that schedulers gave in each step. lr * weight_decay,
    times the rate of a row where it has one, must stay below 1. (Loshchilov & Hutter, "Decoupled weight
    decay regularization", ICLR 2019.)

    >>> import torch
    >>> from rowspace.nn.embedding import Embedding
    >>> layer = Embedding(2, 1, _weight=torch.ones(2, 1))
    >>> optimizer = AdamW(layer.parameters(), lr=0.1, weight_decay=0.5)
    >>> layer(torch.tensor([0])).sum().backward()
    >>> optimizer.step()
    >>> layer.settle()
    >>> [round(value, 3) for value in layer.weight.flatten().tolist()]
    [0.85, 0.95]
    """

    _decoupled = True

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        """Take parameters or groups of them; RecipeError for settings out of range."""
        super().__init__(params, lr, betas, eps, weight_decay)
