"""Co-occurrences: right, and the same whatever memory and threads they were counted with."""

from __future__ import annotations

import os

import numpy as np
import pytest

from rowspace.arrays import END
from rowspace.errors import RecipeError
from rowspace.training.counting import cooccurrence
from rowspace.training.counting.cooccurrence import count_cooccurrences, weigh


class ArrayStream:
    """An encoded stream in memory."""

    def __init__(self, ids):
        self.ids = np.asarray(ids, np.int32)
        self.num_ids = len(self.ids)

    def read(self, start, stop):
        return self.ids[start:stop].copy()


def make_ids(rows, length, *, ends=0.05, seed=0):
    rng = np.random.default_rng(seed)
    ids = np.minimum(rng.geometric(0.1, length) - 1, rows - 1).astype(np.int32)
    ids[rng.random(length) < ends] = END
    return ids


def count(ids, num_rows, **settings):
    options = {"window": 4, "weighting": "harmonic", "symmetric": True, "memory_bytes": 2**28, "threads": 2}
    return count_cooccurrences(ArrayStream(ids), num_rows, **options | settings)


def dense(cooccurrences):
    """The matrix, from blocks that must be sorted and hold each pair once."""
    matrix = np.zeros((cooccurrences.num_rows,) * 2, np.float32)
    before = -1
    with cooccurrences:
        for rows, columns, weights in cooccurrences.blocks():
            places = rows.astype(np.int64) * cooccurrences.num_rows + columns
            assert (np.diff(np.concatenate([[before], places])) > 0).all()
            before = places[-1] if len(places) else before
            matrix[rows, columns] = weights
    assert np.count_nonzero(matrix) == cooccurrences.num_cells
    return matrix


def by_hand(ids, num_rows, window, weigh_pair, symmetric):
    matrix = np.zeros((num_rows, num_rows))
    for place, row in enumerate(ids):
        for distance in range(1, window + 1):
            if row == END or place + distance >= len(ids) or ids[place + distance] == END:
                break
            matrix[row, ids[place + distance]] += weigh_pair(distance)
            if symmetric:
                matrix[ids[place + distance], row] += weigh_pair(distance)
    return matrix


def open_descriptors():
    """How many files this process holds open."""
    return sum(is_open(number) for number in range(256))


def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize(
    ("weighting", "weigh_pair"),
    [("harmonic", lambda d: 1 / d), ("linear", lambda d: (7 - d) / 6), ("flat", lambda d: 1)],
)
def test_pairs_weigh_what_they_should(weighting, weigh_pair, symmetric):
    ids = make_ids(30, 700)
    counted = dense(count(ids, 30, window=6, weighting=weighting, symmetric=symmetric))
    np.testing.assert_allclose(counted, by_hand(ids, 30, 6, weigh_pair, symmetric), rtol=1e-6)


@pytest.mark.parametrize("ids", [[], [END], [0], [0, END, 1, END], [END, END]])
def test_a_text_without_pairs_has_no_cells(ids):
    assert count(ids, 2).num_cells == 0


def test_pairs_do_not_cross_the_end_of_a_document():
    counted = dense(count([0, 1, END, 2, END], 3, weighting="flat"))
    assert counted.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]


def test_a_row_beside_itself_counts_from_both_sides():
    assert dense(count([0, 0], 1, weighting="flat")).tolist() == [[2]]
    assert dense(count([0, 0], 1, weighting="flat", symmetric=False)).tolist() == [[1]]


def test_a_window_longer_than_the_text_takes_all_of_it():
    ids = make_ids(5, 40, ends=0.0)
    counted = dense(count(ids, 5, window=1_000, weighting="flat"))
    assert counted.sum() == 40 * 39


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("chunk", [64, 500])
def test_the_result_does_not_depend_on_threads_or_on_chunks(monkeypatch, chunk, symmetric):
    ids = make_ids(200, 6_000)
    whole = dense(count(ids, 200, window=10, threads=1, symmetric=symmetric))
    monkeypatch.setattr(cooccurrence, "ROOM_CELLS", 300)  # many pieces
    np.testing.assert_array_equal(dense(count(ids, 200, window=10, threads=3, symmetric=symmetric)), whole)
    monkeypatch.setattr(cooccurrence, "_plan", lambda *_: cooccurrence._Plan(2, chunk))
    spilled = dense(count(ids, 200, window=10, symmetric=symmetric))
    np.testing.assert_array_equal(spilled, whole)


def test_a_small_budget_gives_fewer_threads_and_shorter_chunks_and_a_smaller_one_an_error():
    needed = cooccurrence._plan(10**9, 1_000, 5, 2**40, 8)
    assert needed == (8, 10**9)
    with pytest.raises(RecipeError, match=r"needs .* bytes of memory at least") as caught:
        cooccurrence._plan(10**9, 1_000, 5, 1_000, 8)
    least = int(str(caught.value).split("needs ")[1].split(" ")[0].replace(",", ""))
    plan = cooccurrence._plan(10**9, 1_000, 5, least, 8)
    assert plan.threads == 1 and plan.chunk_tokens >= cooccurrence.SHORTEST_CHUNK
    with pytest.raises(RecipeError):
        cooccurrence._plan(10**9, 1_000, 5, least - 1, 8)


def test_sub_sampling_drops_tokens_and_depends_on_the_seed_alone():
    ids = make_ids(10, 2_000)
    keep = np.full(10, 2**31, np.uint32)
    first, again, other = (
        dense(count(ids, 10, weighting="flat", keep=keep, seed=seed, threads=threads))
        for seed, threads in ((1, 1), (1, 2), (2, 1))
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert 0.3 < first.sum() / dense(count(ids, 10, weighting="flat")).sum() < 0.7


def test_files_are_freed_when_counting_fails(monkeypatch):
    before = open_descriptors()

    def fail(*_, **__):
        raise MemoryError

    monkeypatch.setattr(cooccurrence.kernels.load("cooccurrence"), "count_rows", fail)
    with pytest.raises(MemoryError):
        count(make_ids(10, 500), 10)
    assert open_descriptors() == before


@pytest.mark.parametrize(("weighting", "window"), [("harmonic", 1_000), ("linear", 7), ("flat", 3)])
def test_units_stand_for_weights(weighting, window):
    units, scale = weigh(weighting, window)
    distance = np.arange(1, window + 1)
    wanted = {"harmonic": 1 / distance, "linear": (window + 1 - distance) / window, "flat": distance**0}
    np.testing.assert_allclose(units * scale, wanted[weighting], rtol=1e-6)
