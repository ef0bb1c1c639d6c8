"""Hubness against brute force, and its estimate from a sample."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.evaluation.geometry import hubness
from rowspace.evaluation.geometry.hubness import drawn, measure_hubness, neighbors_of, occurrence_skewness
from rowspace.evaluation.geometry.scan import scan_rows
from rowspace.search.exact import ExactIndex
from rowspace.stores import DenseStore

stats = pytest.importorskip("scipy.stats")

ROWS = (np.random.default_rng(8).standard_normal((300, 12)) + 1).astype(np.float32)


def hubness_of(rows, k=5, sample=1000, seed=0):
    store = DenseStore(rows)
    index = ExactIndex(store)
    keys = [f"k{row}" for row in range(len(rows))]
    return measure_hubness(index, store, scan_rows(index), keys, k=k, sample=sample, seed=seed)


def brute_force(rows, k):
    wide = rows.astype(float)
    units = wide / np.linalg.norm(wide, axis=1, keepdims=True)
    cosines = units @ units.T
    np.fill_diagonal(cosines, -2)
    return np.bincount(np.argsort(-cosines, axis=1)[:, :k].ravel(), minlength=len(rows))


@pytest.mark.parametrize("at_a_time", [128, 1024])
def test_all_queries_give_the_skewness_that_scipy_has(monkeypatch, at_a_time):
    monkeypatch.setattr(hubness, "QUERIES_AT_A_TIME", at_a_time)
    report = hubness_of(ROWS)
    occurrences = brute_force(ROWS, 5)
    assert (report.k, report.queries, report.candidates) == (5, 300, 300)
    assert report.skewness == pytest.approx(stats.skew(occurrences))
    best = int(np.argmax(occurrences))
    assert (report.hubs[0].key, report.hubs[0].share) == (f"k{best}", occurrences[best] / 300)
    assert len(report.hubs) == 10


def test_a_sample_estimates_the_skewness_of_all():
    units = ROWS / np.linalg.norm(ROWS, axis=1, keepdims=True)
    cosines = units @ units.T
    np.fill_diagonal(cosines, -2)
    neighbors = np.argsort(-cosines, axis=1)[:, :8]
    whole = occurrence_skewness(brute_force(ROWS, 8), 300, 300)
    rng = np.random.default_rng(9)
    samples = [
        np.bincount(neighbors[rng.choice(300, 100, replace=False)].ravel(), minlength=300) for _ in range(400)
    ]
    estimates = [occurrence_skewness(found, 100, 300) for found in samples]
    raw = [stats.skew(found) for found in samples]
    assert abs(np.mean(estimates) - whole) < 0.1 * whole
    assert abs(np.mean(raw) - whole) > 0.2 * whole  # what a sample shows without the correction


def test_the_sample_is_seeded():
    assert hubness_of(ROWS, sample=40, seed=1) == hubness_of(ROWS, sample=40, seed=1)
    assert hubness_of(ROWS, sample=40, seed=1).hubs != hubness_of(ROWS, sample=40, seed=2).hubs
    assert drawn(np.arange(50), 7, 0).tolist() == sorted({*drawn(np.arange(50), 7, 0).tolist()})


def test_a_row_is_no_neighbor_of_itself_even_among_its_copies():
    rows = np.ones((6, 2), np.float32)
    store = DenseStore(rows)
    found = neighbors_of(ExactIndex(store), store, np.arange(6), 3)
    assert found.shape == (6, 3)
    assert not (found == np.arange(6)[:, None]).any()


def test_faulty_rows_neither_ask_nor_answer():
    rows = ROWS[:20].copy()
    rows[3], rows[5, 1] = 0, np.nan
    report = hubness_of(rows, k=30)
    assert (report.queries, report.candidates, report.k) == (18, 19, 18)


@pytest.mark.parametrize("rows", [np.zeros((0, 3)), np.ones((1, 3)), np.zeros((4, 3)), np.ones((4, 0))])
def test_nothing_to_ask(rows):
    report = hubness_of(rows.astype(np.float32))
    assert (report.skewness, report.hubs) == (None, [])


def test_skewness_is_undefined_for_equal_occurrences_and_tiny_samples():
    assert occurrence_skewness(np.full(6, 3), 6, 6) is None
    assert occurrence_skewness(np.array([2, 0, 0, 1]), 3, 4) is None  # no triple agrees
    assert occurrence_skewness(np.zeros(0, np.int64), 0, 0) is None
    assert occurrence_skewness(np.array([1, 1]), 2, 2) is None
