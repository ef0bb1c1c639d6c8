from __future__ import annotations

import threading
import time

import pytest

from rowspace.nn.row_threads import RowThreads


def test_every_range_is_worked_on_once_and_at_once() -> None:
    threads, met, seen = RowThreads(), threading.Barrier(3, timeout=60), []

    def work(a: int, b: int) -> None:
        met.wait()  # passes only if all three are here together
        seen.append((a, b))

    for _ in range(3):
        seen.clear()
        threads.run(work, [(0, 1), (1, 5), (5, 6)])
        assert sorted(seen) == [(0, 1), (1, 5), (5, 6)]


def test_threads_that_fell_asleep_wake_up() -> None:
    threads, seen = RowThreads(), []
    for pause in (0.0, 0.2, 0.0):
        time.sleep(pause)
        threads.run(lambda a, b: seen.append(a), [(0, 1), (1, 2)])
    assert sorted(seen) == [0, 0, 0, 1, 1, 1]


def test_long_work_is_waited_for() -> None:
    threads, seen = RowThreads(), []

    def work(a: int, b: int) -> None:
        time.sleep(0.3 if a == 0 else 0)
        seen.append(a)

    threads.run(work, [(0, 1), (1, 2)])
    assert seen == [1, 0]


@pytest.mark.parametrize("place", [0, 1])
def test_an_error_is_raised_and_the_threads_go_on(place: int) -> None:
    threads, seen = RowThreads(), []

    def work(a: int, b: int) -> None:
        if a == place:
            raise ValueError(f"range {a}")
        seen.append(a)

    with pytest.raises(ValueError, match=f"range {place}"):
        threads.run(work, [(0, 1), (1, 2)])
    threads.run(lambda a, b: seen.append(a), [(5, 6), (6, 7)])
    assert sorted(seen) == [1 - place, 5, 6]


def test_a_second_caller_does_its_work_alone() -> None:
    threads, inner = RowThreads(), []

    def work(a: int, b: int) -> None:
        if a == 0:
            threads.run(lambda c, d: inner.append((c, threading.current_thread())), [(7, 8), (8, 9)])

    threads.run(work, [(0, 1), (1, 2)])
    assert [c for c, _ in inner] == [7, 8]
    assert len({thread for _, thread in inner}) == 1


def test_late_word_of_earlier_work_ends_no_wait() -> None:
    threads, seen = RowThreads(), []
    threads.run(lambda a, b: None, [(0, 1), (1, 2)])
    (thread,) = threads._threads

    def work() -> None:
        time.sleep(0.3)
        seen.append("done")

    thread.give(work)
    thread._done.set()  # as if the work before had told of its end only now
    thread.finish()
    assert seen == ["done"]
