"""AdaGrad on rows, with one sum for a whole row."""

from __future__ import annotations

from torch import Tensor

from rowspace.nn.optim.adagrad import Adagrad
from rowspace.nn.optim.row_optimizer import Params
from rowspace.nn.row_parameter import RowParameter


class RowwiseAdagrad(Adagrad):
    """AdaGrad that keeps one number a row: the running sum of the mean of the squared gradient.

    sums[r] += mean(g**2), then row -= lr / (sqrt(sums[r]) + eps) * g, as FBGEMM's exact row-wise AdaGrad:
    the optimizer of tables so large that no second table fits beside them. Ordinary parameters have no rows
    in this sense and are stepped by AdaGrad value by value, with the same settings. Weight decay (L2) moves
    the rows of the batch alone. `eps` is FBGEMM's default.

    >>> import torch
    >>> from rowspace.nn.embedding import Embedding
    >>> layer = Embedding(2, 2, _weight=torch.ones(2, 2))
    >>> optimizer = RowwiseAdagrad(layer.parameters(), lr=0.5)
    >>> (layer(torch.tensor([1])) * torch.tensor([1.0, 7.0])).sum().backward()
    >>> optimizer.step()  # the root of the mean of 1 and 49 is 5
    >>> [round(value, 3) for value in layer.weight[1].tolist()], optimizer.state[layer.weight]["sum"].tolist()
    ([0.9, 0.3], [0.0, 25.0])
    """

    _kernel = "rowwise_adagrad_"

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-8,
    ) -> None:
        """Take parameters or groups of them; RecipeError for settings out of range."""
        super().__init__(params, lr, lr_decay, weight_decay, initial_accumulator_value, eps)

    def _like_sums(self, weight: RowParameter) -> Tensor:
        return weight.detach().new_empty(len(weight))
