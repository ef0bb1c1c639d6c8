"""Plan: how long and how fast a network is trained."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Epochs, the learning rate, and what ends a training early; a task's recipe has checked the values.

    >>> plan = Plan(epochs=2, learning_rate=0.1, seed=1, warmup=0.5)
    >>> [round(plan.rate(step, 8), 3) for step in range(8)]
    [0.025, 0.05, 0.075, 0.1, 0.1, 0.075, 0.05, 0.025]
    """

    epochs: int
    learning_rate: float
    seed: int
    patience: int | None = None  # end after so many epochs without a better score
    warmup: float = 0.0  # the share of all steps in which the rate rises
    longest_gradient: float = 5.0  # a longer one is cut (Pascanu et al., ICML 2013)

    def rate(self, step: int, steps: int) -> float:
        """The learning rate of one of `steps`: it rises from zero, then falls to zero in a straight line."""
        rising = int(self.warmup * steps)
        if step < rising:
            return self.learning_rate * (step + 1) / rising
        return self.learning_rate * (steps - step) / (steps - rising)
