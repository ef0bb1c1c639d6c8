"""A penalty on how far rows leave the ones they started from."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Float32, Int64
from torch import Tensor

from rowspace.errors import ShapeError
from rowspace.nn.regularizers.ranges import not_negative
from rowspace.nn.row_gradient import Segments


class AnchorToPretrained:
    """Add strength * (row - original row) to the gradient of each row in use.

    Training on little data moves the rows that it meets away from those it does not, and what the table
    knew about both is lost. The penalty ``strength / 2 * |row - original|**2`` keeps them together (Li,
    Grandvalet & Davoine, "Explicit inductive bias for transfer learning with convolutional networks",
    ICML 2018: L2-SP).

    `rows` are the originals, (num_rows, dim): a table's vectors, or a layer's weight before training.
    They are copied once and never change, so nothing of it belongs into a checkpoint: make it from the
    pretrained table again, not from a weight that has been trained. With `ids`, distinct row ids, `rows`
    are the originals of these alone, in their order, and all other rows are free.

    >>> from rowspace.nn.row_gradient import of_sums
    >>> anchor = AnchorToPretrained(0.5, torch.zeros(3, 2))
    >>> anchor.before_step(torch.ones(3, 2), of_sums(torch.tensor([1]), torch.zeros(1, 2)), lr=1.0).outputs
    tensor([[0.5000, 0.5000]])
    """

    def __init__(
        self,
        strength: float,
        rows: Float[Tensor, "anchored dim"] | Float32[np.ndarray, "anchored dim"],
        ids: Int64[Tensor, "anchored"] | Int64[np.ndarray, "anchored"] | None = None,
    ) -> None:
        """Copy the originals; RecipeError for a negative strength, ShapeError for no or repeated ids."""
        self.strength = not_negative(strength, "strength of AnchorToPretrained")
        self._rows = _copied(rows)
        self._ids: Int64[Tensor, "anchored"] | None = None
        if ids is not None:
            self._ids, order = _distinct(_copied(ids))
            self._rows = self._rows[order]

    @torch.no_grad()
    def before_step(self, weight: Float[Tensor, "rows dim"], segments: Segments, lr: float) -> Segments:
        """Add the pull toward the originals to the sums."""
        self._fit(weight)
        summed = segments.summed()
        rows = weight.index_select(0, summed.rows)
        if self._ids is None:
            away = rows - self._rows.index_select(0, summed.rows)
        else:
            places = torch.searchsorted(self._ids, summed.rows).clamp(max=len(self._ids) - 1)
            anchored = self._ids[places] == summed.rows
            away = torch.where(anchored.unsqueeze(1), rows - self._rows.index_select(0, places), 0.0)
        summed.outputs.add_(away, alpha=self.strength)
        return summed

    def after_step(self, weight: Float[Tensor, "rows dim"], rows: Int64[Tensor, "distinct"]) -> None:
        """Leave the stepped rows as they are."""

    def _fit(self, weight: Tensor) -> None:
        """Follow the weight to its device and dtype; ShapeError where the originals cannot be its."""
        shape = weight.shape if self._ids is None else (len(self._ids), weight.shape[1])
        if self._rows.shape != shape:
            raise ShapeError(
                f"AnchorToPretrained needs originals of shape {tuple(shape)}, but has "
                f"{tuple(self._rows.shape)}; pass ids= to anchor some of the rows"
            )
        self._rows = self._rows.to(weight)
        self._ids = None if self._ids is None else self._ids.to(weight.device)


def _copied(values: Tensor | np.ndarray) -> Tensor:
    return torch.from_numpy(np.array(values)) if isinstance(values, np.ndarray) else values.detach().clone()


def _distinct(ids: Int64[Tensor, "anchored"]) -> tuple[Int64[Tensor, "anchored"], Int64[Tensor, "anchored"]]:
    """The ids ascending and their order."""
    ascending, order = ids.sort()
    if len(ids) == 0 or (ascending[1:] == ascending[:-1]).any():
        raise ShapeError(
            "AnchorToPretrained needs at least one id and each only once; pass ids=None for all rows"
        )
    return ascending, order
