"""The loop: every span once an epoch, pauses with idle workers, stops, errors."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from rowspace.errors import DivergedError
from rowspace.training.loop import Loop, State
from rowspace.training.schedule import LinearSchedule, epoch_seed, span_order
from rowspace.training.spans import TokenSpans, cut

NUM_IDS = 50_000


class CountingStream:
    """The ids 0, 1, 2 ... so that a step can see what it was given."""

    num_ids = NUM_IDS

    def read(self, start, stop):
        return np.arange(start, stop, dtype=np.int32)


class Recorder:
    """A step that notes its calls and may act at one of them."""

    def __init__(self, act=None, at=-1, loss=2.0, seconds=0.0):
        self.calls, self.act, self.at, self.loss, self.seconds = [], act, at, loss, seconds
        self.lock, self.running = threading.Lock(), 0

    def __call__(self, ids, learning_rate, seed, position):
        with self.lock:
            self.running += 1
            self.calls.append((seed, position, len(ids), learning_rate))
            number = len(self.calls)
        assert ids[0] == position
        time.sleep(self.seconds)
        result = self.act() if self.act and number == self.at else None
        with self.lock:
            self.running -= 1
        return (self.loss * len(ids), float(len(ids))) if result is None else result


def make_loop(step, *, epochs=3, threads=1, **options) -> Loop:
    schedule = LinearSchedule(0.5, 0.1, epochs * NUM_IDS)
    return Loop(
        step, TokenSpans(CountingStream()), schedule, epochs=epochs, seed=9, threads=threads, **options
    )


def run(loop: Loop) -> State:
    with loop:
        for _ in loop.pauses():
            pass
    return loop.state


@pytest.mark.parametrize("threads", [1, 4])
def test_each_epoch_meets_every_span_once(threads):
    step = Recorder()
    state = run(make_loop(step, threads=threads))
    starts = cut(CountingStream())[:-1].tolist()
    for epoch in range(3):
        mine = sorted(call[1] for call in step.calls if call[0] == epoch_seed(9, epoch))
        assert mine == starts
    assert state.epoch == 3 and state.losses == (2.0, 2.0, 2.0)
    assert state.total_pairs == 3 * NUM_IDS
    assert state.seconds > 0


def test_one_worker_takes_spans_in_the_order_of_the_epoch_and_the_rate_falls():
    step = Recorder()
    run(make_loop(step, epochs=2))
    rates = [call[3] for call in step.calls]
    assert rates[0] == 0.5 and rates[-1] > 0.1
    assert rates == sorted(rates, reverse=True)
    starts = cut(CountingStream())[:-1]
    orders = [span_order(9, epoch, len(starts)) for epoch in range(2)]
    assert [call[1] for call in step.calls] == np.concatenate([starts[order] for order in orders]).tolist()
    assert orders[0].tolist() != orders[1].tolist()


def test_the_loss_is_a_mean_over_pairs_not_over_spans():
    class Uneven(Recorder):
        def __call__(self, ids, learning_rate, seed, position):
            return (30.0, 3.0) if position == 0 else (1.0, 1.0)

    spans = len(cut(CountingStream())) - 1
    state = run(make_loop(Uneven(), epochs=1))
    assert state.losses[0] == pytest.approx((30 + spans - 1) / (3 + spans - 1))


def test_an_epoch_without_pairs_has_loss_zero():
    class Empty(Recorder):
        def __call__(self, ids, learning_rate, seed, position):
            return 0.0, 0.0

    assert run(make_loop(Empty(), epochs=1)).losses == (0.0,)


@pytest.mark.parametrize("threads", [1, 3])
def test_no_worker_runs_at_a_pause_and_every_pause_follows_progress(threads):
    step = Recorder(seconds=0.002)
    loop = make_loop(step, epochs=6, threads=threads, pause_seconds=1e-9)
    seen = []
    with loop:
        for _ in loop.pauses():
            assert step.running == 0
            seen.append(loop.done)
            turns = sum(call[0] == epoch_seed(9, loop.state.epoch) for call in step.calls)
            assert loop.done == loop.state.epoch * NUM_IDS + NUM_IDS * turns // loop.num_spans
    assert len(seen) > 4
    assert seen == sorted(set(seen))


def test_a_training_goes_on_from_the_state_of_a_pause():
    whole = Recorder()
    run(make_loop(whole))
    first, second = Recorder(seconds=0.002), Recorder()
    with make_loop(first, pause_seconds=1e-9) as loop:
        for _ in loop.pauses():
            if len(first.calls) >= 70:
                break
    state = State.from_json(loop.state.to_json())
    assert 0 < state.epoch < 3
    rest = run(make_loop(second, state=state))
    assert first.calls + second.calls == whole.calls
    assert rest.losses == (2.0, 2.0, 2.0)


def test_stop_ends_the_workers_and_leaves_a_state_that_fits():
    step = Recorder()
    with make_loop(step, epochs=1_000, pause_seconds=1e-9) as loop:
        for _ in loop.pauses():
            if len(step.calls) > 10:
                break
        loop.stop()
        calls = len(step.calls)
        assert loop.state.epoch * loop.num_spans + loop.state.span == calls
    time.sleep(0.05)
    assert len(step.calls) == calls


def test_ctrl_c_while_workers_run_passes_through_and_stops_them():
    step = Recorder(act=lambda: time.sleep(0.5), at=5)

    def interrupt(state, done):
        if len(step.calls) == 5:
            raise KeyboardInterrupt

    loop = make_loop(step, epochs=1_000, report=interrupt)
    with pytest.raises(KeyboardInterrupt), loop:
        for _ in loop.pauses():
            pass
    assert loop.state.span == 5


@pytest.mark.parametrize("threads", [1, 3])
def test_an_error_of_a_step_arrives_and_stops_all(threads):
    def fail():
        raise OSError("the disk is gone")

    step = Recorder(act=fail, at=7)
    with pytest.raises(OSError, match="the disk is gone"):
        run(make_loop(step, epochs=1_000, threads=threads))
    assert len(step.calls) < 100


@pytest.mark.parametrize("loss", [np.nan, np.inf, -np.inf])
def test_a_loss_that_is_not_finite_names_epoch_span_and_rate(loss):
    step = Recorder(act=lambda: (loss, 1.0), at=60)
    loop = make_loop(step)
    with pytest.raises(
        DivergedError,
        match=rf"epoch 2 of 3, at span {59 - loop.num_spans} of {loop.num_spans}, .* rate 0\.\d+",
    ):
        run(loop)


def test_reports_tell_how_far_it_is():
    told = []
    run(make_loop(Recorder(), report=lambda state, done: told.append(done)))
    assert told[-1] == 3 * NUM_IDS
    assert told == sorted(told)
