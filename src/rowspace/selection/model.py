"""What an ablation needs of a model: any object that can be fitted and scored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np

from rowspace.selection.variant import Variant


@runtime_checkable
class Model(Protocol):
    """A model that learns from training data and is then scored on data that it has not seen.

    Whatever it chooses, such as when to stop, it must choose on a part of the training data that it holds
    back itself.
    """

    def fit(self, train: Any) -> object:
        """Learn; what is returned is not used."""
        ...

    def score(self, data: Any) -> float:
        """How good it is on `data`, in any unit; higher is better. Accuracy, or a loss with a minus sign."""
        ...


@runtime_checkable
class CountsParameters(Protocol):
    """A model that also tells how many numbers it learns: an attribute or a property."""

    num_parameters: int


@runtime_checkable
class TellsOutcomes(Protocol):
    """A model that also scores each example, so that variants can be compared example by example."""

    def outcomes(self, data: Any) -> np.ndarray | Sequence[float]:
        """A score an example, in the order of `data`; higher is better. 1 for right and 0 for wrong."""
        ...


Make: TypeAlias = Callable[[Variant, int], Model]  # a fresh model of a variant, its randomness from a seed
