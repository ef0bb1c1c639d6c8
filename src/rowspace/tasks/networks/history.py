"""History: what a training has seen so far."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass
class History:
    """The mean loss of each epoch, and the score on validation data after it where there are any.

    >>> History(losses=[3.0, 2.0, 1.0], scores=[0.1, 0.5, 0.4]).best
    1
    """

    losses: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)

    @property
    def best(self) -> int:
        """The epoch with the highest score, the first of equal ones; without scores the last."""
        return int(np.argmax(self.scores)) if self.scores else len(self.losses) - 1

    def is_over(self, patience: int | None) -> bool:
        """Whether the score has not risen for `patience` epochs."""
        return patience is not None and bool(self.scores) and len(self.scores) - 1 - self.best >= patience
