"""The loop of a linear classifier: epochs in random order, threads without locks, a rate that falls."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Int64
from tqdm import tqdm

from rowspace import kernels
from rowspace.arrays import Offsets
from rowspace.corpus.labelled.labelled_texts import LabelIds
from rowspace.errors import DivergedError
from rowspace.tasks.classification.checkpoint import Checkpoint
from rowspace.tasks.classification.matrices import Matrices
from rowspace.tasks.classification.outputs import CODES, Loss
from rowspace.tasks.classification.text_features import Learned
from rowspace.training.huffman import Paths
from rowspace.training.progress import SHOW_AFTER_SECONDS

TEXTS_A_PIECE = 1 << 14  # of each thread, between two looks at the progress bar

Order = Int64[np.ndarray, "visits"]


@dataclass(frozen=True, eq=False)
class Plan:
    """All that a run needs."""

    matrices: Matrices
    learned: Learned
    label_ids: LabelIds
    label_offsets: Offsets
    tree: Paths
    loss: Loss
    epochs: int
    learning_rate: float
    patience: int | None
    seed: int
    first_moving: int
    threads: int
    shows_progress: bool

    @property
    def num_texts(self) -> int:
        """The texts of an epoch."""
        return len(self.label_offsets) - 1


@dataclass
class State:
    """How far a run is."""

    epoch: int = 0
    losses: list[float] = field(default_factory=list)  # a text, of each epoch
    accuracies: list[float] = field(default_factory=list)  # on validation data, after each epoch

    @property
    def best_epoch(self) -> int:
        """The epoch, from one, with the highest accuracy, the first of equals."""
        return int(np.argmax(self.accuracies)) + 1

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON values."""
        return {"epoch": self.epoch, "losses": self.losses, "accuracies": self.accuracies}


class Trainer:
    """One run. `measure` gives the accuracy on validation data; `identity` says what is trained on what."""

    def __init__(
        self,
        plan: Plan,
        *,
        measure: Callable[[], float] | None,
        checkpoint: Checkpoint | None,
        identity: Mapping[str, Any],
    ) -> None:
        self._plan, self._measure = plan, measure
        self._checkpoint, self._identity = checkpoint, identity
        self._state = State()
        self._best: Matrices | None = None

    def run(self) -> dict[str, Any]:
        """Train to the end, or until patience is lost; return what there is to say of it."""
        self._restore_()
        bar = tqdm(
            initial=self._state.epoch * self._plan.num_texts,
            total=self._plan.epochs * self._plan.num_texts,
            unit=" texts",
            unit_scale=True,
            disable=not self._plan.shows_progress,
            delay=SHOW_AFTER_SECONDS,
            dynamic_ncols=True,
        )
        begun = time.monotonic()
        with bar, ThreadPoolExecutor(self._plan.threads, thread_name_prefix="rowspace-classify") as pool:
            while self._state.epoch < self._plan.epochs and not self._lost_patience:
                self._train_epoch(pool, bar)
                self._look()
                if self._checkpoint and self._checkpoint.is_due:
                    self._checkpoint.save(
                        self._plan.matrices, self._best, self._state.to_dict(), self._identity
                    )
        if self._best is not None:
            self._plan.matrices.take_(self._best)
        told = {"losses": self._state.losses, "training_seconds": time.monotonic() - begun}
        return told | ({"accuracies": self._state.accuracies} if self._state.accuracies else {})

    @property
    def _lost_patience(self) -> bool:
        state, patience = self._state, self._plan.patience
        return patience is not None and state.epoch > 0 and state.epoch - state.best_epoch >= patience

    def _train_epoch(self, pool: ThreadPoolExecutor, bar: Any) -> None:
        order = np.random.default_rng([self._plan.seed, 2, self._state.epoch]).permutation(
            self._plan.num_texts
        )
        summed = 0.0
        for first, piece in self._pieces(order):
            summed += sum(pool.map(self._step, *zip(*self._shares(first, piece), strict=True)))
            bar.update(len(piece))
        self._state.losses.append(summed / len(order))
        self._state.epoch += 1
        bar.set_postfix(loss=f"{self._state.losses[-1]:.4f}", refresh=False)
        if not np.isfinite(summed) or not np.isfinite(self._plan.matrices.output).all():
            raise DivergedError(
                f"training must keep to finite numbers, but left them in epoch {self._state.epoch}; lower "
                f"learning_rate, which is {self._plan.learning_rate:g}"
            )

    def _pieces(self, order: Order) -> Iterator[tuple[int, Order]]:
        """Parts of an epoch, each with the number of visits before it in the epoch."""
        length = TEXTS_A_PIECE * self._plan.threads
        for first in range(0, len(order), length):
            yield first, order[first : first + length]

    def _shares(self, first: int, piece: Order) -> Iterator[tuple[Order, float, float, int]]:
        """What each thread does of a piece: its texts, their first rate, how it falls, and a seed."""
        epochs, rate, texts = self._plan.epochs, self._plan.learning_rate, self._plan.num_texts
        done = (self._state.epoch * texts + first) / (epochs * texts)
        for worker, share in enumerate(np.array_split(piece, self._plan.threads)):
            fall = rate * len(piece) / (epochs * texts) / max(len(share), 1)
            seed = np.random.SeedSequence([self._plan.seed, 3, self._state.epoch, first, worker])
            yield share, rate * (1 - done), fall, int(seed.generate_state(1, np.uint64)[0])

    def _step(self, share: Order, rate: float, rate_fall: float, seed: int) -> float:
        plan, entries = self._plan, self._plan.learned.entries
        return float(
            kernels.load("text_classifier").train_texts_(
                plan.matrices.vectors,
                plan.matrices.output,
                entries.rows,
                entries.counts,
                entries.offsets,
                entries.sizes,
                plan.label_ids,
                plan.label_offsets,
                plan.tree.nodes,
                plan.tree.codes,
                plan.tree.offsets,
                share,
                loss=CODES[self._plan.loss],
                first_moving=plan.first_moving,
                first_shared=plan.learned.num_own,
                rate=rate,
                rate_fall=rate_fall,
                seed=seed,
            )
        )

    def _look(self) -> None:
        """Measure the accuracy on validation data, and copy the rows where it is the best so far."""
        if self._measure is None:
            return
        self._state.accuracies.append(self._measure())
        if self._plan.patience is not None and self._state.best_epoch == self._state.epoch:
            self._best = self._plan.matrices.copy()

    def _restore_(self) -> None:
        if self._checkpoint is None:
            return
        saved = self._checkpoint.restore_(self._plan.matrices, self._identity)
        if saved is not None:
            state, self._best = saved
            self._state = State(state["epoch"], state["losses"], state["accuracies"])
