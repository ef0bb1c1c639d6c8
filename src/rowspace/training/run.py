"""One training from prepared rows to a table: progress, safe-keeping, Ctrl-C, and the record of it all."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import numpy as np

from rowspace.arrays import Vectors
from rowspace.errors import DivergedError, RecipeError
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.training import best
from rowspace.training.checkpoint import Checkpoint
from rowspace.training.held_out import HeldOut
from rowspace.training.loop import PAUSE_SECONDS, Loop, State, Step
from rowspace.training.matrices import Matrices
from rowspace.training.progress import Progress
from rowspace.training.schedule import LinearSchedule
from rowspace.training.settings import Settings
from rowspace.training.spans import SpanStream
from rowspace.training.watching import Watch
from rowspace.version import __version__
from rowspace.vocabulary import Vocabulary

Combine = Literal["center", "sum", "mean"]  # of center and context row, for the table


class InterruptedTrainingWarning(UserWarning):
    """Ctrl-C ended a training early; the table holds what was learned until then."""


class NothingLearnedWarning(UserWarning):
    """The corpus gave not a single pair, so the rows are those that training started from."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """What a recipe makes of a corpus: rows to train, the step that trains them, and what epochs read."""

    recipe: Any  # complete: with epochs, learning_rate, final_learning_rate and seed
    vocabulary: Vocabulary  # of the finished table
    matrices: Matrices
    step: Step
    stream: SpanStream
    figures: Mapping[str, int]  # of the corpus: tokens, and whatever else is worth telling
    fingerprint: Callable[[], Mapping[str, str]]  # tells this corpus from every other; reads all of it
    initial_rows: int = 0  # taken from a table
    combine: Combine = "center"
    conditions: Mapping[str, Any] = field(
        default_factory=dict
    )  # what else must be equal to go on from a file


def recipe_to_json(recipe: Any) -> dict[str, Any]:
    """The recipe's name and hyper-parameters as JSON values."""
    return {"name": type(recipe).__name__, **asdict(recipe)}


@dataclass(eq=False)
class Run:
    """Rows under training, and the last good copy of them."""

    prepared: Prepared
    settings: Settings
    checkpoint: Checkpoint | None
    started: float  # on the monotonic clock: when `fit` was called
    held_out: HeldOut | None = None
    state: State = field(default_factory=State)  # that `vectors` belongs to
    interrupted: bool = False
    epochs_done: float = 0.0

    def __post_init__(self) -> None:
        self._check_settings()
        if self.settings.patience is not None:
            self.prepared = replace(self.prepared, matrices=best.with_room(self.prepared.matrices))
        self.watch = Watch(self.settings, self.held_out, self.prepared.matrices)
        self.best_epoch: int | None = None
        rows, dim = len(self.prepared.matrices.center), self.prepared.matrices.dim
        # The table's own matrix from the start: it keeps the last good rows, and nothing is copied twice.
        self.vectors: Vectors = np.empty((rows, dim), np.float32)
        self.identity: dict[str, Any] = {}
        self.initial_rows = self.prepared.initial_rows

    def _check_settings(self) -> None:
        """Refuse what was asked for and cannot be done, rather than leave it undone."""
        settings = self.settings
        if settings.validation is not None and self.held_out is None:
            raise RecipeError("validation needs a recipe that trains on tokens, but this one does not")
        if (settings.frozen or settings.anchored) and "held" not in self.prepared.conditions:
            raise RecipeError(
                "frozen and anchored need a recipe that trains on tokens, but this one does not"
            )

    def train(self) -> Table:
        """Run every epoch, or as many as Ctrl-C allows, and return the table.

        Raises DivergedError, with the last good rows as its table.
        """
        if self.checkpoint is not None:
            corpus = {**self.prepared.figures, **self.prepared.fingerprint()}
            self.identity = {
                "recipe": recipe_to_json(self.prepared.recipe),
                "corpus": corpus,
                "conditions": self._conditions(),
            }
            self._resume(self.checkpoint)
        self._collect_()
        stream = self.prepared.stream
        self.prepared.step(stream.read(0, 0), 0.0, 0, 0)  # compiles: the speed told is that of training
        try:
            self._run()
        except DivergedError as error:
            error.table = self._table()
            raise
        if not self.interrupted:
            self.best_epoch = self.watch.choose_best_(self.state)
        if self.best_epoch is not None:
            self._collect_()
        self._warn()
        return self._table(with_context=self.settings.context)

    def _conditions(self) -> dict[str, Any]:
        """What a checkpoint depends on beside recipe and corpus."""
        return {
            **self.prepared.conditions,
            "validation": None if self.held_out is None else self.held_out.fingerprint(),
            "early_stopping": self.settings.patience is not None,
        }

    def _resume(self, checkpoint: Checkpoint) -> None:
        checkpoint.check_same(self.identity)
        restored = checkpoint.restore_(self.prepared.matrices)
        if restored is not None:
            self.state, metadata = restored
            self.initial_rows, self.epochs_done = metadata["initial_rows"], metadata["epochs_done"]

    def _run(self) -> None:
        with self._progress() as progress, self._loop(progress) as loop:
            try:
                if not self.watch.is_over(self.state):
                    self._run_epochs(loop)
            except KeyboardInterrupt:
                loop.stop()  # within a span; a second Ctrl-C ends this wait, and the training with it
                self.interrupted = loop.state.epoch < self.prepared.recipe.epochs
            self._keep(loop, save=self.checkpoint is not None)

    def _run_epochs(self, loop: Loop) -> None:
        """Train until the last epoch is done, or something asks for an end."""
        for _ in loop.pauses():
            self.watch.measure_(loop, self.prepared.step)
            self._keep(loop, save=self.checkpoint is not None and self.checkpoint.is_due)
            if self.watch.must_end(loop, self._table):
                return
        self.watch.measure_(loop, self.prepared.step)
        self._keep(loop, save=False)
        self.watch.must_end(loop, self._table)

    def _progress(self) -> Progress:
        return Progress(
            self.settings.shows_progress,
            num_ids=self.prepared.stream.num_ids,
            num_tokens=self.prepared.figures["tokens"],
            epochs=self.prepared.recipe.epochs,
            done=round(self.epochs_done * self.prepared.stream.num_ids),
        )

    def _loop(self, progress: Progress) -> Loop:
        recipe, stream = self.prepared.recipe, self.prepared.stream
        checkpoint_seconds = 60 * self.checkpoint.minutes if self.checkpoint else PAUSE_SECONDS
        return Loop(
            self.prepared.step,
            stream,
            LinearSchedule(recipe.learning_rate, recipe.final_learning_rate, recipe.epochs * stream.num_ids),
            epochs=recipe.epochs,
            seed=recipe.seed,
            threads=self.settings.workers,
            state=self.state,
            pause_seconds=min(PAUSE_SECONDS, checkpoint_seconds),
            report=progress.report,
        )

    def _keep(self, loop: Loop, *, save: bool) -> None:
        """Copy the rows if they are good; DivergedError if not. No worker runs meanwhile."""
        if not self.prepared.matrices.are_finite():
            raise loop.diverged("all rows must stay finite, but NaN or infinity was found")
        self._collect_()
        self.state, self.epochs_done = loop.state, loop.done / self.prepared.stream.num_ids
        if save and self.checkpoint is not None:
            self.checkpoint.save(self._snapshot(), self.state, self.identity)

    def _collect_(self) -> None:
        """Copy the rows that the table is made of: center rows, or what the two matrices give together."""
        matrices, combine = self.prepared.matrices, self.prepared.combine
        np.copyto(self.vectors, matrices.center_rows())
        if combine != "center":
            self.vectors += matrices.context_rows()
        if combine == "mean":
            self.vectors *= np.float32(0.5)

    def _warn(self) -> None:
        """Say what the user would not expect of the table; the warning names the line that called fit."""
        if self.interrupted:
            advice = "; resume=True goes on from the checkpoint" if self.checkpoint else ""
            message = (
                f"Ctrl-C ended the training after {self.epochs_done:.2f} of {self.prepared.recipe.epochs} "
                f"epochs; the table holds what was learned so far{advice}"
            )
            warnings.warn(message, InterruptedTrainingWarning, stacklevel=5)
        elif self.state.total_pairs == 0:
            message = (
                "the corpus gave no pair to learn from, since no document kept two tokens; give longer "
                "documents, a lower min_count or subsample=0"
            )
            warnings.warn(message, NothingLearnedWarning, stacklevel=5)

    def _table(self, *, with_context: bool = False) -> Table:
        """The table of the last good rows."""
        store, matrices = DenseStore(self.vectors), self.prepared.matrices
        if not with_context:
            return Table(self.prepared.vocabulary, store, self._describe())
        context = DenseStore(np.ascontiguousarray(matrices.context_rows()))
        state = best.without_room(matrices.state)
        return Table(self.prepared.vocabulary, store, self._describe(), context, state)

    def _snapshot(self) -> Table:
        """The matrices as they are, at a pause: what training goes on from."""
        center = self.vectors
        if self.prepared.combine != "center":
            center = np.ascontiguousarray(self.prepared.matrices.center_rows())
        state = self.prepared.matrices.state
        return replace(self._table(with_context=True), store=DenseStore(center), state=state)

    def _describe(self) -> dict[str, Any]:
        """The record of the training: JSON values only."""
        state, figures = self.state, dict(self.prepared.figures)
        return {
            "recipe": recipe_to_json(self.prepared.recipe),
            "corpus": figures,
            "losses": list(state.losses),
            "held_out_losses": list(state.held_out),
            "best_epoch": self.best_epoch,
            "ended_early": self.watch.reason,
            "pairs": state.total_pairs + state.pairs,
            "epochs_done": self.epochs_done,
            "interrupted": self.interrupted,
            "initial_rows": self.initial_rows,
            "threads": self.settings.workers,
            "deterministic": self.settings.workers == 1,
            "seconds": round(time.monotonic() - self.started, 3),
            "training_seconds": round(state.seconds, 3),
            "words_per_second": round(figures["tokens"] * self.epochs_done / max(state.seconds, 1e-9)),
            "version": __version__,
        }
