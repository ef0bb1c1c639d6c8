"""The rows of the best epoch, kept while training goes on past it.

They are kept as state beside what the method itself keeps, so that a checkpoint holds them too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from rowspace.arrays import Values
from rowspace.training.matrices import Matrices

PREFIX = "best."


def with_room(matrices: Matrices) -> Matrices:
    """The same matrices, with zeros in their state for a copy of all that moves."""
    room = {PREFIX + name: np.zeros_like(values) for name, values in _moving(matrices).items()}
    return replace(matrices, state={**matrices.state, **room})


def keep_(matrices: Matrices) -> None:
    """Copy all that moves into the room."""
    for name, values in _moving(matrices).items():
        np.copyto(matrices.state[PREFIX + name], values)


def take_back_(matrices: Matrices) -> None:
    """Put what was kept in the place of all that moves."""
    for name, values in _moving(matrices).items():
        np.copyto(values, matrices.state[PREFIX + name])


def without_room(state: Mapping[str, Values]) -> dict[str, Values]:
    """The method's own state."""
    return {name: values for name, values in state.items() if not name.startswith(PREFIX)}


def best_epoch(losses: Sequence[float]) -> int:
    """The epoch, counted from 0, with the least held-out loss; the first of equal ones, NaN never.

    >>> best_epoch([2.5, 2.1, 2.2, 2.1])
    1
    """
    return int(np.argmin(np.nan_to_num(losses, nan=np.inf)))


def is_over(losses: Sequence[float], patience: int) -> bool:
    """Whether the held-out loss has not improved for `patience` epochs.

    >>> is_over([2.5, 2.1, 2.2], patience=1), is_over([2.5, 2.1, 2.2], patience=2)
    (True, False)
    """
    return len(losses) > 0 and len(losses) - 1 - best_epoch(losses) >= patience


def _moving(matrices: Matrices) -> dict[str, Values]:
    return {"center": matrices.center, "context": matrices.context, **without_room(matrices.state)}
