"""The geometry of whole tables: of every shape, format and fault."""

from __future__ import annotations

import json
import tracemalloc

import numpy as np
import pytest

from rowspace import formats
from rowspace.errors import RecipeError
from rowspace.evaluation.geometry import geometry
from rowspace.search import exact
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.vocabulary import NGrams, Subwords, Words


def text_and_json(report):
    assert json.loads(json.dumps(report.to_dict(), allow_nan=False)) == report.to_dict()
    return str(report)


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (1, 0), (1, 1), (1, 5), (3, 0), (2, 1), (2, 5)])
@pytest.mark.parametrize("fill", [0, 1, np.nan, "random"])
@pytest.mark.parametrize("counted", [False, True])
def test_every_degenerate_table_has_a_report(shape, fill, counted):
    vectors = np.random.default_rng(0).standard_normal(shape) if fill == "random" else np.full(shape, fill)
    counts = np.arange(shape[0], dtype=np.int64) if counted else None
    table = Table.from_arrays(
        [f"k{row}" for row in range(shape[0])], vectors.astype(np.float32), counts=counts
    )
    report = geometry(table)
    assert (report.keys, report.dim) == shape
    assert text_and_json(report).startswith(f"geometry: {shape[0]} keys x {shape[1]}")


def test_a_table_in_memory_and_the_same_mapped_are_alike(table, tmp_path):
    formats.write(table, tmp_path / "table.rows")
    assert geometry(formats.open(tmp_path / "table.rows")) == geometry(table)


def test_limit_is_the_table_cut_short(table):
    short = Table.from_arrays(table.keys[:20], table.vectors[:20], counts=table.counts[:20])
    assert geometry(table, limit=20) == geometry(short)
    assert geometry(table, limit=10_000) == geometry(table)


def test_threads_do_not_matter(table):
    assert geometry(table, threads=1) == geometry(table, threads=3)


def test_subwords_are_measured_by_the_vectors_of_their_keys():
    vocabulary = Subwords(Words.from_keys(["cat", "cats", "dog"]), NGrams(3, 4, buckets=50))
    store = DenseStore(np.random.default_rng(1).standard_normal((53, 4)).astype(np.float32))
    table = Table(vocabulary, store)
    plain = Table.from_arrays(table.keys, table.vectors)
    assert geometry(table) == geometry(plain)


def test_the_report_for_people_names_all_parts(table):
    printed = text_and_json(geometry(table))
    for part in ("rows", "lengths", "isotropy", "rank", "shares", "hubness", "Nothing looks wrong."):
        assert part in printed
    vectors = table.vectors.copy()
    vectors[0] = 0
    broken = geometry(Table.from_arrays(["a\nb", *table.keys[1:]], vectors))
    assert r"1 row (a\nb) is zero" in str(broken)


@pytest.mark.parametrize("wrong", [{"sample": 0}, {"k": 0}, {"limit": 0}, {"threads": 0}])
def test_numbers_below_one_are_refused(table, wrong):
    with pytest.raises(RecipeError, match=next(iter(wrong))):
        geometry(table, **wrong)


def test_no_copy_of_a_large_table_is_made(monkeypatch):
    monkeypatch.setattr(exact, "FLOATS_IN_BLOCK", 1 << 16)
    vectors = np.random.default_rng(2).standard_normal((100_000, 64), np.float32)
    table = Table.from_arrays(map(str, range(100_000)), vectors)
    tracemalloc.start()
    geometry(table, sample=5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.7 * vectors.nbytes
