"""Decay that knows how frequent a row is."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from rowspace.errors import RecipeError, ShapeError
from rowspace.nn.regularizers.ranges import not_negative
from rowspace.nn.regularizers.rates import rates_of
from rowspace.nn.regularizers.row_counts import RowCounts
from rowspace.nn.row_gradient import Segments

RowCount = Int64[Tensor, "rows"] | Int64[np.ndarray, "rows"]


class FrequencyDecay:
    """Decay each row in use by an amount that depends on how frequent it is.

    Decay at every step that meets a row hits a row that is in every batch a thousand times as often as one
    that is in every thousandth. Zhou et al. ("Deep Interest Network for click-through rate prediction",
    KDD 2018, mini-batch aware regularization) divide by the row's count, so that over a pass of the data
    all rows decay alike. Here, before the step::

        row *= exp(-lr * strength * (mean count / count of the row) ** power)

    Power 1 is theirs, relative to the mean count of all rows that occur so that `strength` does not
    depend on the size of the data; power 0 decays every row in use alike, and a negative power decays
    frequent rows more. The decay stands apart from the gradient, as in AdamW, so adaptive optimizers do
    not divide it away; a row's own learning rate scales it, and a frozen row does not decay.

    `counts` are those of the rows, for instance of a table's vocabulary; 0 is taken as 1. Without them
    lookups are counted while training goes on (8 bytes a row); a dense gradient, or one that processes
    have averaged, counts as one lookup of each of its rows. One object serves one layer.

    >>> from rowspace.nn.row_gradient import of_sums
    >>> weight, gradient = torch.ones(3, 2), of_sums(torch.tensor([0, 2]), torch.zeros(2, 2))
    >>> decay = FrequencyDecay(0.1, counts=torch.tensor([30, 2, 1]))  # their mean is 11
    >>> segments = decay.before_step(weight, gradient, lr=1.0)
    >>> weight[:, 0]
    tensor([0.9640, 1.0000, 0.3329])
    """

    def __init__(self, strength: float, power: float = 1.0, counts: RowCount | None = None) -> None:
        """Copy the counts, one for each row; RecipeError for a negative strength or count."""
        self.strength = not_negative(strength, "strength of FrequencyDecay")
        self.power = power
        self._given = counts is not None
        self._counts = None if counts is None else RowCounts(_checked(counts))

    @torch.no_grad()
    def before_step(self, weight: Float[Tensor, "rows dim"], segments: Segments, lr: float) -> Segments:
        """Decay the rows in place; the gradient stays as it is."""
        counts = self._counts_for(weight)
        if not self._given:
            counts.add(segments.rows, segments.counts)
        relative = counts.mean() / counts.of_rows[segments.rows].clamp(min=1)
        exponents = relative.pow(self.power).mul(-lr * self.strength)
        rates = rates_of(weight, segments.rows)
        if rates is not None:
            exponents = exponents * rates
        factors = exponents.exp().to(weight.dtype).unsqueeze(1)
        weight.index_copy_(0, segments.rows, weight.index_select(0, segments.rows) * factors)
        return segments

    def after_step(self, weight: Float[Tensor, "rows dim"], rows: Int64[Tensor, "distinct"]) -> None:
        """Leave the stepped rows as they are."""

    def state_dict(self) -> dict[str, Tensor]:
        """The counts of the rows, int64 (num_rows,), as "counts"; empty before the first step."""
        return {} if self._counts is None else {"counts": self._counts.of_rows}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Go on from the counts of a `state_dict`."""
        self._counts = RowCounts(_checked(state["counts"])) if state else None

    def _counts_for(self, weight: Tensor) -> RowCounts:
        """The counts, on the weight's device."""
        if self._counts is None:
            self._counts = RowCounts(torch.zeros(len(weight), dtype=torch.int64, device=weight.device))
        of_rows = self._counts.of_rows
        if len(of_rows) != len(weight):
            raise ShapeError(
                f"FrequencyDecay needs a count for each of the {len(weight)} rows, but has {len(of_rows)}; "
                "give each layer a FrequencyDecay of its own, with counts of its rows"
            )
        if of_rows.device != weight.device:
            self._counts = RowCounts(of_rows.to(weight.device))
        return self._counts


def _checked(counts: RowCount) -> Int64[Tensor, "rows"]:
    copied = torch.from_numpy(np.array(counts)) if isinstance(counts, np.ndarray) else counts.clone()
    if len(copied) and int(copied.min()) < 0:
        raise RecipeError(f"counts of rows must not be negative, but the least is {int(copied.min())}")
    return copied
