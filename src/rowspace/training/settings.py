"""How a training is run, as against what it learns: workers, progress, checkpoints."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from rowspace.errors import RecipeError
from rowspace.training.checkpoint import Checkpoint
from rowspace.training.hooks import Hook
from rowspace.training.ranges import check_integer, check_real

MOST_THREADS = 1_024
MOST_MINUTES = 1e6
MOST_STRENGTH = 1e9


class FitOptions(TypedDict, total=False):
    """The keyword arguments that every `fit` shares.

    Attributes:
        threads: Workers; by default every core. More than one give rows that differ a little from run to
            run, because workers share the rows without locks.
        deterministic: Give the same rows in every run, whatever `threads` says. Counting and encoding
            still use all threads, but one worker trains: expect the speed of threads=1.
        progress: Show a bar; by default where standard error is a terminal.
        checkpoint: A .rows file that is written every `checkpoint_minutes`, at the end, and on Ctrl-C.
        checkpoint_minutes: Minutes between two checkpoints; 10 by default.
        resume: Go on from the checkpoint if it exists; with one worker, to the same rows as an unbroken run.
        context: Keep the context rows, and the rest of the trainer's state, in the table too.
        validation: A text that is not trained on: anything open_corpus takes. Its loss is measured after each
            epoch and kept in metadata["held_out_losses"].
        patience: End the training once the held-out loss has not improved for so many epochs, and return the
            rows of the best one. Needs `validation`, and memory for a second copy of all rows.
        hooks: Functions that hear a Moment at each pause, every ten seconds or so, and after each epoch. One
            that returns something true, or raises, ends the training; the rows learned so far are returned.
        frozen: Keys whose vectors stay bit for bit where they start; see rowspace.training.anchors.
        anchored: Keys whose vectors are pulled back to where they start.
        anchor_strength: How hard; 1 by default.
    """

    threads: int | None
    deterministic: bool
    progress: bool | None
    checkpoint: str | Path | None
    checkpoint_minutes: float
    resume: bool
    context: bool
    validation: Any
    patience: int | None
    hooks: Sequence[Hook]
    frozen: Sequence[str]
    anchored: Sequence[str]
    anchor_strength: float


@dataclass(frozen=True, kw_only=True)
class Settings:
    """FitOptions, checked; RecipeError for one out of range."""

    threads: int | None = None  # None: every core this process may use
    deterministic: bool = False
    progress: bool | None = None  # None: where standard error is a terminal
    checkpoint: str | Path | None = None
    checkpoint_minutes: float = 10.0
    resume: bool = False
    context: bool = False
    validation: Any = None
    patience: int | None = None
    hooks: Sequence[Hook] = ()
    frozen: Sequence[str] = ()
    anchored: Sequence[str] = ()
    anchor_strength: float = 1.0

    def __post_init__(self) -> None:
        if self.threads is not None:
            check_integer("threads", self.threads, 1, MOST_THREADS)
        check_real("checkpoint_minutes", self.checkpoint_minutes, 0, MOST_MINUTES, above_low=True)
        if self.resume and self.checkpoint is None:
            raise RecipeError("resume=True needs a file to go on from, but checkpoint is None; name its path")
        if self.patience is not None:
            check_integer("patience", self.patience, 1)
            if self.validation is None:
                raise RecipeError(
                    "patience needs a held-out loss, but validation is None; give a text for it"
                )
        check_real("anchor_strength", self.anchor_strength, 0, MOST_STRENGTH, above_low=True)

    @property
    def readers(self) -> int:
        """The threads that count and encode; their number never changes a result."""
        return self.threads or usable_cores()

    @property
    def workers(self) -> int:
        """The threads that train: one where the run must give the same rows every time."""
        return 1 if self.deterministic else self.readers

    @property
    def shows_progress(self) -> bool:
        """Whether bars are shown."""
        return sys.stderr.isatty() if self.progress is None else self.progress

    def open_checkpoint(self) -> Checkpoint | None:
        """The checkpoint asked for, its path checked, or None."""
        if self.checkpoint is None:
            return None
        return Checkpoint(self.checkpoint, minutes=self.checkpoint_minutes, resume=self.resume)


def usable_cores() -> int:
    """The cores that this process may use: in a container often fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
