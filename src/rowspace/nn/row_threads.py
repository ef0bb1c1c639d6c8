"""Threads for kernels that take a millisecond: they wait for their next work awake, if not for long."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence

import numpy as np

from rowspace import kernels

Range = tuple[int, int]
Work = Callable[[int, int], None]

SPINS = 4_000  # looks at a flag, one or two milliseconds: about a training step
GIVEN, DONE = 0, 1  # flags: how many works a thread was given, and how many it has done


class RowThread(threading.Thread):
    """A thread that does one work after another."""

    def __init__(self) -> None:
        super().__init__(name="rowspace-rows", daemon=True)
        self._flags = np.zeros(2, np.int64)
        self._given, self._done = threading.Event(), threading.Event()
        self._wait = kernels.load("spinning").wait_above
        self._work: Callable[[], None] | None = None
        self._error: BaseException | None = None
        self._wait(self._flags, GIVEN, 0, 1)  # compiled before the thread needs it
        self.start()

    def give(self, work: Callable[[], None]) -> None:
        """Have the thread do `work`; the work before must be finished."""
        self._work, self._error = work, None
        self._done.clear()
        self._flags[GIVEN] += 1
        self._given.set()

    def finish(self) -> None:
        """Wait until the work is done, and raise what it raised."""
        before = int(self._flags[GIVEN]) - 1
        while not self._wait(self._flags, DONE, before, SPINS):
            self._done.wait()  # or for word of the work before, which may come late: hence the loop
            self._done.clear()
        if self._error is not None:
            raise self._error

    def run(self) -> None:
        """Do works as they come; after a while without any, sleep."""
        done = 0
        while True:
            if not self._wait(self._flags, GIVEN, done, SPINS):
                self._given.wait()
                self._given.clear()
                continue
            try:
                assert self._work is not None
                self._work()
            except BaseException as error:
                self._error = error
            done += 1
            self._flags[DONE] = done
            self._done.set()


class RowThreads:
    """As many threads as were ever needed at once. One caller has them at a time."""

    def __init__(self) -> None:
        self._threads: list[RowThread] = []
        self._lock = threading.Lock()

    def run(self, work: Work, ranges: Sequence[Range]) -> None:
        """Call work(a, b) for every range, at once unless somebody else has the threads, and wait for all.

        The calling thread does the last range itself. An error of any range is raised.
        """
        if len(ranges) == 1 or not self._lock.acquire(blocking=False):
            for each in ranges:
                work(*each)
            return
        try:
            self._run(work, ranges)
        finally:
            self._lock.release()

    def _run(self, work: Work, ranges: Sequence[Range]) -> None:
        while len(self._threads) < len(ranges) - 1:
            self._threads.append(RowThread())
        busy = self._threads[: len(ranges) - 1]
        for thread, each in zip(busy, ranges, strict=False):
            thread.give(lambda each=each: work(*each))  # type: ignore[misc]
        try:
            work(*ranges[-1])
        finally:
            for thread in busy:
                thread.finish()

    def forget(self) -> None:
        """Start anew, as after a fork, which threads do not survive."""
        self._threads, self._lock = [], threading.Lock()


THREADS = RowThreads()
os.register_at_fork(after_in_child=THREADS.forget)
