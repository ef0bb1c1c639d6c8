"""What momentum did in each step since all rows were up to date, and how far it carries a skipped row."""

from __future__ import annotations

import math

import numpy as np

from rowspace.kernels.reference.row_settling import MomentumSteps

CAPACITY = 1 << 13  # steps; then all rows are settled, at a cost that vanishes among so many
SMALLEST_POWER = 1e-12  # of a velocity: what follows is below float32
SMALLEST_MOMENTUM = 1e-30  # zero has no logarithm


class MomentumHistory:
    """The steps of SGD with momentum on one table since all of its rows were up to date.

    >>> history = MomentumHistory(nesterov=False)
    >>> for _ in range(3):
    ...     history.record(learning_rate=1.0, momentum=0.5)
    >>> history.steps.moves.round(6).tolist()  # 1/2 + 1/4 + 1/8, ...
    [0.875, 0.75, 0.5]
    """

    def __init__(self, *, nesterov: bool) -> None:
        self.nesterov = nesterov
        self._count, self._first_live = 0, 0
        self._sizes, self._momenta, self._moves = np.zeros((3, CAPACITY))
        self._log_kept = np.zeros(CAPACITY + 1)

    def fits(self, *, nesterov: bool) -> bool:
        """Whether a step of this kind can be recorded after those before."""
        return nesterov == self.nesterov and self._count < CAPACITY

    def record(self, *, learning_rate: float, momentum: float) -> None:
        """Add one step."""
        n = self._count
        self._count += 1
        self._sizes[n] = learning_rate * (momentum if self.nesterov else 1.0)
        self._momenta[n] = momentum
        self._log_kept[n + 1] = self._log_kept[n] + math.log(max(momentum, SMALLEST_MOMENTUM))
        kept = np.exp(self._log_kept[n + 1] - self._log_kept[self._first_live : n + 1])
        self._moves[self._first_live : n + 1] += self._sizes[n] * kept
        self._first_live += int(np.count_nonzero(kept < SMALLEST_POWER))

    @property
    def present(self) -> int:
        """The number of the last step."""
        return self._count

    @property
    def steps(self) -> MomentumSteps:
        """What the kernels take: views of all that was recorded; steps count from 0."""
        count = self._count
        return MomentumSteps(
            0, self._sizes[:count], self._momenta[:count], self._log_kept[: count + 1], self._moves[:count]
        )
