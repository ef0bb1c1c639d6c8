"""What a caller is told while training runs, and how it may end it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rowspace.table import Table


class HookFailedWarning(UserWarning):
    """A hook raised, which ended the training; the table holds what was learned until then."""


@dataclass(frozen=True)
class Moment:
    """Where training stands at a pause or at the end of an epoch; no worker runs meanwhile."""

    step: int  # spans behind, over all epochs
    epoch: float  # epochs behind: a whole number at the end of one
    loss: float  # mean of a pair, in the epoch under way so far, or in the one just ended
    held_out_loss: float | None  # of the last epoch that ended, where there is a text for validation
    learning_rate: float
    words_per_second: float
    table: Table  # as it would be returned now; its vectors are a view that later training overwrites


Hook = Callable[[Moment], Any]


def tell(hooks: Sequence[Hook], moment: Moment) -> str | None:
    """Call every hook; return why training must end, or None where it goes on.

    A hook ends it by returning something true, or by raising: then a HookFailedWarning says what.
    """
    reason = None
    for hook in hooks:
        name = getattr(hook, "__name__", type(hook).__name__)
        try:
            wants_end = bool(hook(moment))
        except Exception as error:  # whatever a caller's function raises, the rows are worth more
            message = (
                f"the hook {name} raised {type(error).__name__}: {error}; training ends here, and the table "
                "holds what was learned so far"
            )
            warnings.warn(message, HookFailedWarning, stacklevel=2)
            return f"hook {name} raised {type(error).__name__}"
        reason = f"hook {name}" if wants_end and reason is None else reason
    return reason
