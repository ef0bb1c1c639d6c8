from __future__ import annotations

import multiprocessing
import warnings

import numpy as np
import torch

from rowspace.nn import row_kernels


def test_threads_cover_every_range_once() -> None:
    seen = np.zeros(100, np.int64)

    def work(a: int, b: int) -> None:
        seen[a:b] += 1

    row_kernels.on_threads(work, np.array([0, 30, 30, 77, 100]))
    assert (seen == 1).all()


def test_an_error_in_a_thread_is_raised() -> None:
    def work(a: int, b: int) -> None:
        if a == 0:
            raise ValueError("first range")

    try:
        row_kernels.on_threads(work, np.array([0, 1, 2]))
    except ValueError as error:
        assert str(error) == "first range"
    else:
        raise AssertionError("nothing was raised")


def test_two_threads_give_the_bits_of_one(monkeypatch) -> None:
    torch.manual_seed(0)
    ids = torch.randint(0, 50, (20_000,))
    rows, starts, order = row_kernels.group_rows(ids, 50)
    outputs, none = torch.randn(20_000, 17), torch.empty(0)
    whole = row_kernels.sum_rows(starts, order, none, outputs)
    monkeypatch.setattr(row_kernels, "ENTRIES_A_THREAD", 10**9)
    assert torch.equal(row_kernels.sum_rows(starts, order, none, outputs), whole)
    expected = torch.zeros(50, 17, dtype=torch.float64).index_add_(0, ids, outputs.double())
    torch.testing.assert_close(whole.double(), expected[rows], atol=1e-3, rtol=1e-4)


def _pooled_in_a_child() -> float:
    vectors = torch.ones(3, 2)
    offsets = torch.arange(0, 20_001, 10)
    return float(
        row_kernels.pool_bags(vectors, torch.zeros(20_000, dtype=torch.int64), offsets, torch.empty(0))[0, 0]
    )


def _child(queue) -> None:
    queue.put(_pooled_in_a_child())


def test_a_forked_child_has_threads_of_its_own() -> None:
    """A pool of the parent's threads would wait for ever there, as in a DataLoader's workers."""
    assert _pooled_in_a_child() == 10.0
    fork = multiprocessing.get_context("fork")
    queue = fork.Queue()
    child = fork.Process(target=_child, args=(queue,))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking with threads is what is tested
        child.start()
    assert queue.get(timeout=60) == 10.0
    child.join(60)
