"""What Adam did in each step since all rows were last up to date, and what it makes a skipped row move."""

from __future__ import annotations

import math

import numpy as np

from rowspace.kernels.reference.row_settling import AdamSteps
from rowspace.nn.optim.quadrature import (
    FROM_STEP,
    interpolation,
    log_shifts,
    nodes_of,
    reach_of,
    separations,
)

CAPACITY = 1 << 13  # steps; then all rows are settled, at a cost that vanishes among so many
POWERS = 4  # of decay, see _log_left in kernels/cpu/row_settling.py
NEVER = 1 << 62
SMALLEST_BETA = 1e-30  # zero has no logarithm


class AdamHistory:
    """The steps of Adam on one table since step `origin`; a step costs time by `reach`, not by rows.

    >>> history = AdamHistory(origin=0, beta1=0.9, beta2=0.999, eps=1e-8)
    >>> history.record(learning_rate=0.1, beta1=0.9, weight_decay=0.01)
    >>> history.steps.decays.tolist()
    [0.001]
    """

    def __init__(self, *, origin: int, beta1: float, beta2: float, eps: float) -> None:
        self.largest_beta1, self.beta2, self.eps = beta1, beta2, eps
        self._origin, self._count = origin, 0
        self._nodes = nodes_of(beta1, beta2)
        self._reach = reach_of(beta1, beta2)
        nodes = len(self._nodes)
        self._tabled_from = max(0, FROM_STEP - origin) if nodes else NEVER
        # Memory that is never touched costs nothing: the arrays have their full size from the start.
        self._sizes, self._dampings, self._decays, self._betas = np.zeros((4, CAPACITY))
        self._log_first = np.zeros(CAPACITY + 1)
        self._decay_powers = np.zeros((CAPACITY + 1, POWERS))
        self._log_shifts, self._separations, self._shifts, self._moves = np.zeros((4, CAPACITY, nodes))

    def fits(self, *, beta1: float, beta2: float, eps: float) -> bool:
        """Whether a step with these settings can be recorded after those before."""
        same = (beta2, eps) == (self.beta2, self.eps)
        return same and beta1 <= self.largest_beta1 + 1e-6 and self._count < CAPACITY

    def record(self, *, learning_rate: float, beta1: float, weight_decay: float) -> None:
        """Add one step; learning_rate * weight_decay must lie below 1."""
        n = self._count
        self._count += 1
        step = self._origin + self._count
        decay = learning_rate * weight_decay
        damping = math.sqrt(1 - self.beta2**step)
        size = learning_rate * damping / (1 - beta1**step)
        self._sizes[n], self._dampings[n], self._decays[n], self._betas[n] = size, damping, decay, beta1
        self._log_first[n + 1] = self._log_first[n] + math.log(max(beta1, SMALLEST_BETA))
        self._decay_powers[n + 1] = self._decay_powers[n] + (-math.log1p(-decay)) ** np.arange(1, POWERS + 1)
        if len(self._nodes) and n >= self._tabled_from:  # no row asks for the moves of earlier steps
            self._add_to_moves(n, step, size, decay)

    @property
    def present(self) -> int:
        """The number of the last step."""
        return self._origin + self._count

    @property
    def steps(self) -> AdamSteps:
        """What the kernels take: views of all that was recorded."""
        count = self._count
        return AdamSteps(
            self._origin,
            self.beta2,
            self.eps,
            self._sizes[:count],
            self._dampings[:count],
            self._decays[:count],
            self._betas[:count],
            self._log_first[: count + 1],
            self._decay_powers[: count + 1],
            self._reach,
            self._tabled_from,
            self._shifts[:count],
            self._moves[:count],
        )

    def _add_to_moves(self, n: int, step: int, size: float, decay: float) -> None:
        """Carry the rows that stand at the last `reach` steps through one more."""
        self._log_shifts[n] = log_shifts(step - 1, self._nodes, self.beta2)
        self._separations[n] = separations(self._log_shifts[n])
        self._shifts[n] = self.eps * np.exp(self._log_shifts[n])
        live = slice(max(self._tabled_from, n + 1 - self._reach), n + 1)
        gaps = n + 1.0 - np.arange(live.start, live.stop)
        log_shrunk = -0.5 * math.log(self.beta2) * gaps
        at = math.log(self._dampings[n]) + log_shrunk
        amounts = size * np.exp(self._log_first[n + 1] - self._log_first[live] + log_shrunk)
        weights = interpolation(at[:, None], self._log_shifts[live], self._separations[live])
        self._moves[live] = self._moves[live] * (1 - decay) + amounts[:, None] * weights
