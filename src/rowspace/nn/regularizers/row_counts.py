"""How often each row occurs: given, or counted while training goes on."""

from __future__ import annotations

from jaxtyping import Float, Int64
from torch import Tensor


class RowCounts:
    """A count for each row and, without a pass over all rows, the mean of the counts that are not 0.

    >>> import torch
    >>> counts = RowCounts(torch.tensor([3, 0, 0, 0]))
    >>> counts.add(torch.tensor([0, 2]), torch.tensor([4, 1]))
    >>> counts.of_rows.tolist(), counts.mean().item()
    ([7, 0, 1, 0], 4.0)
    """

    def __init__(self, of_rows: Int64[Tensor, "rows"]) -> None:
        """Take the counts, which `add` changes in place; one pass."""
        self.of_rows = of_rows
        self._total, self._in_use = of_rows.sum(), (of_rows > 0).sum()

    def add(self, rows: Int64[Tensor, "distinct"], counts: Int64[Tensor, "distinct"]) -> None:
        """Add to the counts of distinct rows; costs nothing for the others and waits for no GPU."""
        before = self.of_rows[rows]
        self._total += counts.sum()
        self._in_use += ((before == 0) & (counts > 0)).sum()
        self.of_rows.index_copy_(0, rows, before + counts)

    def mean(self) -> Float[Tensor, ""]:
        """The mean count of the rows that occurred; 1 where none did."""
        return self._total.clamp(min=1) / self._in_use.clamp(min=1)
