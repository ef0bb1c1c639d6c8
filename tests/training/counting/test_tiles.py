"""Tiles: every cell once, in spans that need few rows."""

from __future__ import annotations

import os
from itertools import pairwise

import numpy as np
import pytest

from rowspace.formats.cooccurrence_file import Cells
from rowspace.training.counting import tiles as cell_tiles
from rowspace.training.counting.tiles import tile_cells


def make_cells(rows, size, *, spread=0.05, seed=0):
    rng = np.random.default_rng(seed)
    places = np.unique(np.minimum(rng.geometric(spread, (size, 2)) - 1, rows - 1) @ [rows, 1])
    weights = rng.uniform(0.1, 100, len(places)).astype(np.float32)
    return Cells((places // rows).astype(np.int32), (places % rows).astype(np.int32), weights)


def tiled(cells, num_rows, *, blocks=3, threads=2, seed=1):
    cuts = np.linspace(0, len(cells.rows), blocks + 1).astype(int)
    counts = tuple(np.bincount(axis, minlength=num_rows) for axis in cells[:2])
    parts = [Cells(*(field[a:b] for field in cells)) for a, b in pairwise(cuts)]
    return tile_cells(lambda: iter(parts), counts, seed=seed, threads=threads)


def contents(stream):
    with stream:
        return stream.read(0, stream.num_ids)


def open_descriptors():
    """How many files this process holds open."""
    return sum(is_open(number) for number in range(256))


def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


@pytest.mark.parametrize("a_tile", [50, 10_000])
def test_every_cell_comes_once_with_its_logarithm(monkeypatch, a_tile):
    monkeypatch.setattr(cell_tiles, "CELLS_A_TILE", a_tile)
    monkeypatch.setattr(cell_tiles, "CELLS_A_SORT", 300)  # so that a tile lies in pieces
    cells = make_cells(100, 3_000)
    found = np.sort(contents(tiled(cells, 100)), order=["row", "column"])
    np.testing.assert_array_equal(found["row"], cells.rows)
    np.testing.assert_array_equal(found["column"], cells.columns)
    np.testing.assert_array_equal(found["log_weight"], np.log(cells.weights))


def test_the_order_does_not_depend_on_threads_or_blocks_but_on_the_seed(monkeypatch):
    monkeypatch.setattr(cell_tiles, "CELLS_A_TILE", 50)
    cells = make_cells(100, 3_000)
    first = contents(tiled(cells, 100, threads=1, blocks=1))
    monkeypatch.setattr(cell_tiles, "CELLS_A_SORT", 100)
    np.testing.assert_array_equal(contents(tiled(cells, 100, threads=3, blocks=7)), first)
    assert (contents(tiled(cells, 100, seed=2)) != first).any()


def test_spans_cover_the_cells_and_need_few_rows(monkeypatch):
    monkeypatch.setattr(cell_tiles, "CELLS_A_TILE", 400)
    monkeypatch.setattr(cell_tiles, "FEWEST", 16)
    cells = make_cells(2_000, 60_000, spread=0.005)
    with tiled(cells, 2_000) as stream:
        bounds = stream.boundaries().tolist()
        assert bounds[0] == 0 and bounds[-1] == stream.num_ids == len(cells.rows)
        lengths = np.diff(bounds)
        assert (lengths > 0).all() and lengths.max() <= 4 * max(16, len(cells.rows) // 64)
        spans = [stream.read(start, stop) for start, stop in pairwise(bounds)]
    rows_a_span = np.mean([len(np.unique(span["row"])) for span in spans])
    assert rows_a_span < 0.3 * len(np.unique(cells.rows))


def test_no_cells_make_one_empty_span():
    with tiled(make_cells(5, 0), 5) as stream:
        assert stream.num_ids == 0 and stream.boundaries().tolist() == [0, 0]
        assert len(stream.read(0, 0)) == 0


def test_files_are_freed_when_it_fails(monkeypatch):
    before = open_descriptors()

    def fail(*_, **__):
        raise MemoryError

    monkeypatch.setattr(cell_tiles.kernels.load("cell_tiles"), "mix_tile", fail)
    with pytest.raises(MemoryError):
        tiled(make_cells(20, 200), 20)
    assert open_descriptors() == before
