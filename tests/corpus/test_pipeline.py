"""Ordered results from several threads."""

from __future__ import annotations

import random
import time
from contextlib import closing

import pytest

from rowspace.corpus.pipeline import map_in_order


def slowly(number: int) -> int:
    time.sleep(random.Random(number).random() / 500)
    return number * number


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_results_keep_the_order_of_the_jobs(threads):
    assert list(map_in_order(slowly, range(50), threads=threads)) == [n * n for n in range(50)]


def test_few_jobs_are_taken_ahead():
    taken = []
    jobs = (taken.append(n) or n for n in range(100))
    with closing(map_in_order(slowly, jobs, threads=2)) as results:
        assert next(results) == 0
    assert len(taken) <= 4
    taken.clear()
    with closing(map_in_order(slowly, jobs, threads=2, ahead=4)) as results:
        next(results)
    assert len(taken) <= 10


def test_an_error_comes_out_where_its_result_would():
    results = map_in_order(lambda n: 1 // n, [1, 1, 0, 1], threads=2)
    assert [next(results), next(results)] == [1, 1]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_an_error_cancels_what_has_not_begun():
    done = []

    def work(number: int) -> int:
        done.append(number)
        return 1 // (number - 5)

    with pytest.raises(ZeroDivisionError):
        list(map_in_order(work, range(10_000), threads=2, ahead=4))
    assert len(done) < 100
