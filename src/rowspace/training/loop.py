"""The training loop: epochs over spans of a stream, shared by workers. It knows no method.

A method is a step: a function that trains the rows on one span of a stream and returns the summed loss and
its number of pairs. Workers take spans in a shuffled order and run the step without locks on the shared rows
("Hogwild!", Recht et al. 2011): two of them may move the same row at once and lose a little of one
update, which costs no measurable quality because a row meets millions of updates. One worker alone
gives the same rows in every run.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, replace
from types import TracebackType
from typing import Any, Protocol, runtime_checkable

import numpy as np

from rowspace.errors import DivergedError
from rowspace.training.schedule import LinearSchedule, epoch_seed, span_order
from rowspace.training.spans import SpanStream

PAUSE_SECONDS = 10.0  # between pauses, in which the rows are checked and kept
REPORT_SECONDS = 0.2
PAUSE_SHARE = 50  # a pause that takes t seconds is followed by 50 t of training at least


@runtime_checkable
class Step(Protocol):
    """Train on one span; return the summed loss and the number of pairs, zeros for an empty span.

    Many threads call it at once. A learning rate of 0 leaves the rows as they are.
    """

    def __call__(
        self, span: np.ndarray, learning_rate: float, seed: int, position: int
    ) -> tuple[float, float]:
        """`span` is what the stream read at `position`, `seed` the epoch's."""
        ...


@dataclass(frozen=True)
class State:
    """How far training is. With the rows, all that is needed to go on: every draw is counter-based."""

    epoch: int = 0  # the epoch under way, counted from 0; the number of epochs once all is done
    span: int = 0  # the next turn of it: spans are taken in a shuffled order
    losses: tuple[float, ...] = ()  # the mean loss of each finished epoch
    held_out: tuple[float, ...] = ()  # the same on the text for validation, where there is one
    loss_sum: float = 0.0  # of the epoch under way
    pairs: float = 0.0  # of the epoch under way; a step may weigh pairs, so no whole number
    total_pairs: float = 0.0  # of the finished epochs
    seconds: float = 0.0  # spent in training

    def to_json(self) -> dict[str, Any]:
        """The state as JSON values; floats survive JSON to the bit."""
        return {**asdict(self), "losses": list(self.losses), "held_out": list(self.held_out)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> State:
        """The state that `to_json` wrote."""
        lists = {name: tuple(values.get(name, ())) for name in ("losses", "held_out")}
        return cls(**{**values, **lists})

    def mean_loss(self) -> float:
        """The mean loss so far in the epoch under way; 0 before the first pair."""
        return self.loss_sum / self.pairs if self.pairs else 0.0


def _no_report(state: State, done: int) -> None:
    """Tell nobody."""


class Loop:
    """Workers that train rows in place, epoch by epoch; a context manager that ends its threads.

    Between pauses the rows move; at a pause no worker runs, so rows and `state` belong together.
    """

    def __init__(
        self,
        step: Step,
        stream: SpanStream,
        schedule: LinearSchedule,
        *,
        epochs: int,
        seed: int,
        threads: int,
        state: State | None = None,
        pause_seconds: float = PAUSE_SECONDS,
        report: Callable[[State, int], None] = _no_report,
    ) -> None:
        """Prepare to go on from `state`; `report` hears the state and the ids done while workers run."""
        self.state = state or State()
        self._step, self._stream, self._schedule = step, stream, schedule
        self._epochs, self._seed, self._threads = epochs, seed, threads
        self._pause_seconds, self._report = pause_seconds, report
        self._boundaries: list[int] = stream.boundaries().tolist()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="rowspace-train")
        self._lock = threading.Lock()  # guards `state` while workers run
        self._halt = threading.Event()

    def __enter__(self) -> Loop:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def num_spans(self) -> int:
        """The spans of one epoch."""
        return len(self._boundaries) - 1

    @property
    def done(self) -> int:
        """The ids behind, over all epochs."""
        return self._place(self.state.span)

    @property
    def learning_rate(self) -> float:
        """That of the next span."""
        return self._schedule(self.done)

    def pauses(self) -> Iterator[State]:
        """Train to the end; yield at each pause and after each epoch, but not after the last.

        Raises DivergedError when a span's loss is not finite, and whatever a step or the stream raises.
        A KeyboardInterrupt passes through; `stop` then ends the workers within a span.
        """
        pause = self._pause_seconds
        while self.state.epoch < self._epochs:
            self._train(time.monotonic() + pause)
            if self.state.epoch == self._epochs:
                return
            paused = time.monotonic()
            yield self.state
            pause = max(self._pause_seconds, PAUSE_SHARE * (time.monotonic() - paused))

    def stop(self) -> None:
        """End the workers, at most a span later; then `state` fits the rows."""
        self._halt.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def diverged(self, what: str, span: int | None = None) -> DivergedError:
        """The error for a loss or rows that are not finite, naming the place."""
        state = self.state
        place = state.span if span is None else span
        rate = self._schedule(self.done if span is None else self._place(span))
        return DivergedError(
            f"{what} in epoch {min(state.epoch + 1, self._epochs)} of {self._epochs}, at span {place} of "
            f"{self.num_spans}, with learning rate {rate:g}; lower learning_rate. The last good rows are "
            "in the `table` of this error"
        )

    def _train(self, deadline: float) -> None:
        """Let the workers run to the end of the epoch or to the deadline, whichever comes first."""
        started = time.monotonic()
        self._halt.clear()
        seed = epoch_seed(self._seed, self.state.epoch)
        order = span_order(self._seed, self.state.epoch, self.num_spans).tolist()
        futures = [self._pool.submit(self._work, seed, order) for _ in range(self._threads)]
        try:
            self._wait(futures, deadline)
        finally:
            with self._lock:
                self.state = replace(self.state, seconds=self.state.seconds + time.monotonic() - started)
        if self.state.span == self.num_spans:
            self.state = self._next_epoch()
        self._report(self.state, self.done)

    def _wait(self, futures: list[Future[None]], deadline: float) -> None:
        """Wait in short naps, so that Ctrl-C is heard and progress is told."""
        while wait(futures, timeout=min(REPORT_SECONDS, max(0.0, deadline - time.monotonic()))).not_done:
            if time.monotonic() >= deadline:
                self._halt.set()
                deadline = math.inf
            self._report(self.state, self.done)
        for future in futures:
            future.result()

    def _work(self, seed: int, order: list[int]) -> None:
        """Train on spans until none is left or a halt is asked for; on one at least, so that all advances."""
        try:
            while (span := self._take()) is not None:
                start, end = self._boundaries[order[span]], self._boundaries[order[span] + 1]
                read = self._stream.read(start, end)
                loss, pairs = self._step(read, self._schedule(self._place(span)), seed, start)
                self._record(span, loss, pairs)
                if self._halt.is_set():
                    return
        except BaseException:
            self._halt.set()  # the other workers need not go on
            raise

    def _take(self) -> int | None:
        with self._lock:
            span = self.state.span
            if span == self.num_spans:
                return None
            self.state = replace(self.state, span=span + 1)
            return span

    def _record(self, span: int, loss: float, pairs: float) -> None:
        if not math.isfinite(loss):
            raise self.diverged(f"the loss must stay finite, but is {loss}", span)
        with self._lock:
            state = self.state
            self.state = replace(state, loss_sum=state.loss_sum + loss, pairs=state.pairs + pairs)

    def _next_epoch(self) -> State:
        state = self.state
        return replace(
            state,
            epoch=state.epoch + 1,
            span=0,
            losses=(*state.losses, state.mean_loss()),
            loss_sum=0.0,
            pairs=0.0,
            total_pairs=state.total_pairs + state.pairs,
        )

    def _place(self, span: int) -> int:
        """The ids trained before a span of the epoch under way, over all epochs, as if spans were equal."""
        num_ids = self._boundaries[-1]
        return self.state.epoch * num_ids + num_ids * span // self.num_spans
