"""Neighbor overlap against brute force, and where it is undefined."""

from __future__ import annotations

import json

import numpy as np
import pytest

from rowspace.errors import RecipeError
from rowspace.evaluation.overlap import neighbor_overlap
from rowspace.table import Table

RNG = np.random.default_rng(0)
FIRST = RNG.standard_normal((150, 6)).astype(np.float32)
SECOND = (FIRST[:, :4] + 0.3 * RNG.standard_normal((150, 4))).astype(np.float32)
KEYS = [f"k{row}" for row in range(150)]


def nearest(vectors, k):
    units = vectors.astype(float) / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = units @ units.T
    np.fill_diagonal(cosines, -2)
    return [set(line) for line in np.argsort(-cosines, axis=1)[:, :k].tolist()]


def test_all_queries_give_what_sets_give():
    common = [len(a & b) / 5 for a, b in zip(nearest(FIRST, 5), nearest(SECOND, 5), strict=True)]
    jaccard = [len(a & b) / len(a | b) for a, b in zip(nearest(FIRST, 5), nearest(SECOND, 5), strict=True)]
    report = neighbor_overlap(Table.from_arrays(KEYS, FIRST), Table.from_arrays(KEYS, SECOND), k=5)
    assert report.overlap == pytest.approx(np.mean(common))
    assert report.jaccard == pytest.approx(np.mean(jaccard))
    assert report.chance == pytest.approx(5 / 149)
    assert 0.1 < report.overlap < 0.9
    assert [(band.ranks, band.queries) for band in report.bands] == [("1-100", 100), ("101-150", 50)]
    assert report.bands[1].overlap == pytest.approx(np.mean(common[100:]))
    low, high = report.interval
    assert low < report.overlap < high
    # The normal approximation of a mean over queries, from either band.
    spread = np.sqrt(sum(np.var(part) * len(part) for part in (common[:100], common[100:]))) / 150
    assert high - low == pytest.approx(2 * 1.96 * spread, rel=0.15)


def test_the_order_and_the_other_keys_of_the_second_table_do_not_matter():
    order = RNG.permutation(150)
    shuffled = Table.from_arrays(
        ["new", *(KEYS[row] for row in order)], np.concatenate([FIRST[:1, :4], SECOND[order]])
    )
    first = Table.from_arrays(KEYS, FIRST)
    assert neighbor_overlap(first, shuffled) == neighbor_overlap(first, Table.from_arrays(KEYS, SECOND))


def test_counts_of_the_first_table_make_the_bands():
    counts = np.arange(150, dtype=np.int64)  # the last rows are the most frequent
    counted = Table.from_arrays(KEYS, FIRST, counts=counts)
    report = neighbor_overlap(counted, Table.from_arrays(KEYS, SECOND), k=5)
    common = [len(a & b) / 5 for a, b in zip(nearest(FIRST, 5), nearest(SECOND, 5), strict=True)]
    assert report.bands_by == "count"
    assert report.bands[0].overlap == pytest.approx(np.mean(common[50:]))


def test_a_sample_is_drawn_from_each_band_and_weighted():
    first, second = Table.from_arrays(KEYS, FIRST), Table.from_arrays(KEYS, SECOND)
    report = neighbor_overlap(first, second, sample=40)
    assert [band.queries for band in report.bands] == [20, 20]
    expected = (100 * report.bands[0].overlap + 50 * report.bands[1].overlap) / 150
    assert report.overlap == pytest.approx(expected)
    assert report == neighbor_overlap(first, second, sample=40)
    assert report != neighbor_overlap(first, second, sample=40, seed=1)


def test_a_table_overlaps_itself_wholly():
    report = neighbor_overlap(Table.from_arrays(KEYS, FIRST), Table.from_arrays(KEYS, FIRST * 2))
    assert (report.overlap, report.jaccard, report.interval) == (1, 1, None)
    assert "overlap 1.000, jaccard 1.000" in str(report)


@pytest.mark.parametrize(("first", "second"), [("", ""), ("abc", ""), ("abc", "xyz"), ("abc", "ax")])
def test_nothing_shared(first, second):
    tables = [Table.from_arrays(keys, np.ones((len(keys), 2), np.float32)) for keys in (first, second)]
    report = neighbor_overlap(*tables)
    assert (report.overlap, report.interval, report.chance, report.bands) == (None, None, None, [])
    assert "needs two shared keys" in str(report)
    assert json.loads(json.dumps(report.to_dict()))["overlap"] is None


def test_spoiled_rows_and_no_dimensions():
    spoiled = FIRST.copy()
    spoiled[3], spoiled[5, 1] = 0, np.nan
    report = neighbor_overlap(Table.from_arrays(KEYS, spoiled), Table.from_arrays(KEYS, SECOND))
    assert (report.shared, report.left_out, report.queries) == (148, 2, 148)
    flat = Table.from_arrays(KEYS, FIRST[:, :0])
    assert neighbor_overlap(flat, flat).left_out == 150


def test_two_keys_are_each_others_neighbors():
    pair = Table.from_arrays("ab", FIRST[:2])
    report = neighbor_overlap(pair, pair)
    assert (report.k, report.overlap, report.chance) == (1, 1, 1)


def test_without_resamples_there_is_no_interval():
    report = neighbor_overlap(
        Table.from_arrays(KEYS, FIRST), Table.from_arrays(KEYS, SECOND), bootstrap=0, limit=120
    )
    assert (report.interval, report.shared) == (None, 120)
    assert report.overlap is not None
    assert json.loads(json.dumps(report.to_dict())) == report.to_dict()


@pytest.mark.parametrize("wrong", [{"k": 0}, {"sample": 0}, {"limit": 0}, {"bootstrap": -1}, {"threads": 0}])
def test_numbers_out_of_range_are_refused(table, wrong):
    with pytest.raises(RecipeError, match=next(iter(wrong))):
        neighbor_overlap(table, table, **wrong)
