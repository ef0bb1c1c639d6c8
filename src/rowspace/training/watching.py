"""What is measured and told while a training is under way, and whether it ends before its last epoch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rowspace.table import Table
from rowspace.training import best
from rowspace.training.held_out import HeldOut
from rowspace.training.hooks import Moment, tell
from rowspace.training.loop import Loop, State, Step
from rowspace.training.matrices import Matrices
from rowspace.training.settings import Settings


class Watch:
    """The held-out loss after each epoch, early stopping by it, and hooks."""

    def __init__(self, settings: Settings, held_out: HeldOut | None, matrices: Matrices) -> None:
        """Watch `matrices`, which have room for the best rows where there is patience."""
        self.reason: str | None = None  # why training ended early
        self._settings, self._held_out, self._matrices = settings, held_out, matrices

    def measure_(self, loop: Loop, step: Step) -> None:
        """At the end of an epoch, add its held-out loss to the state, and keep the rows if it is the best."""
        state = loop.state
        if self._held_out is None or len(state.held_out) == state.epoch:
            return
        loop.state = replace(state, held_out=(*state.held_out, self._held_out.loss(step)))
        if self._settings.patience is not None and best.best_epoch(loop.state.held_out) == state.epoch - 1:
            best.keep_(self._matrices)

    def is_over(self, state: State) -> bool:
        """Whether patience has run out; so it was for a checkpoint of a training that ended early."""
        patience = self._settings.patience
        if patience is None or not best.is_over(state.held_out, patience):
            return False
        self.reason = f"the held-out loss has not improved for {patience} epochs"
        return True

    def must_end(self, loop: Loop, table: Callable[[], Table]) -> bool:
        """Tell the hooks, and ask them and patience whether training ends here."""
        state = loop.state
        if self._settings.hooks:
            view = table()
            moment = Moment(
                step=state.epoch * loop.num_spans + state.span,
                epoch=state.epoch + state.span / loop.num_spans,
                loss=state.mean_loss() or (state.losses[-1] if state.losses else 0.0),
                held_out_loss=state.held_out[-1] if state.held_out else None,
                learning_rate=loop.learning_rate,
                words_per_second=view.metadata["words_per_second"],
                table=view,
            )
            self.reason = tell(self._settings.hooks, moment)
        return self.reason is not None or self.is_over(state)

    def choose_best_(self, state: State) -> int | None:
        """Put the best epoch's rows in the place of the last; return its number, from 1, if there is one."""
        if self._settings.patience is None or not state.held_out:
            return None
        best.take_back_(self._matrices)
        return best.best_epoch(state.held_out) + 1
