"""The cells of a co-occurrence matrix in the order of training, cut into spans, in a temporary file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType

import numpy as np
from jaxtyping import Int32, Int64, Shaped

from rowspace import kernels
from rowspace.formats.cooccurrence_file import Cells
from rowspace.training.counting.cells import ArrayFile
from rowspace.training.spans import Boundaries

CELL = np.dtype([("row", np.int32), ("column", np.int32), ("log_weight", np.float32)])
CELLS_A_TILE = 16_384  # about; a tile then needs a few hundred rows where text is dense
CELLS_A_SORT = 1 << 20  # bounds the memory for sorting
MOST_STRIPES = 128  # on each axis; keeps short what is remembered of each sort
SPANS_WANTED = 64  # of a small matrix, so that threads share it
FEWEST = 256  # cells in a span

CellCounts = Int64[np.ndarray, "num_rows"]
Span = Shaped[np.ndarray, "cells"]  # of dtype CELL


class TiledCells:
    """Cells as a stream for the training loop; a context manager that frees the file."""

    def __init__(self, file: ArrayFile, boundaries: Boundaries) -> None:
        """Take over a file of CELL and the bounds of its spans; `tile_cells` makes both."""
        self._file = file
        self._boundaries = boundaries

    @property
    def num_ids(self) -> int:
        """The number of cells."""
        return int(self._boundaries[-1])

    def boundaries(self) -> Boundaries:
        """Where spans begin and end: at the bounds of tiles, or within large ones."""
        return self._boundaries

    def read(self, start: int, stop: int) -> Span:
        """The cells [start, stop) as a copy, with the fields of CELL; any thread may call it."""
        return self._file.read(start, stop)

    def close(self) -> None:
        """Free the file. Closing again does nothing."""
        self._file.close()

    def __enter__(self) -> TiledCells:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def tile_cells(
    blocks: Callable[[], Iterator[Cells]],
    counts: tuple[CellCounts, CellCounts],
    *,
    seed: int,
    threads: int,
) -> TiledCells:
    """Sort cells into tiles and mix each tile.

    `blocks` gives all cells, in any order; `counts` says how many each row and each column has. The
    order depends on the cells, the order they come in, and `seed` alone. Both axes are cut into stripes
    that hold equally many cells: narrow ones where rows are frequent, wide ones where they are rare.
    Costs 24 bytes a cell on disk, for a while.
    """
    num_cells = int(counts[0].sum())
    num_stripes = min(MOST_STRIPES, max(1, round((num_cells / CELLS_A_TILE) ** 0.5)))
    row_stripes, column_stripes = (_stripes(each, num_stripes) for each in counts)
    with _Scattered(num_stripes**2) as scattered:
        for rows, columns, weights in _joined(blocks()):
            scattered.append(
                *kernels.load("cell_tiles").sort_by_tile(
                    row_stripes, column_stripes, rows, columns, np.log(weights), num_stripes=num_stripes
                )
            )
        return _gather(scattered, seed, threads)


def _joined(blocks: Iterator[Cells]) -> Iterator[Cells]:
    """The same cells in larger blocks: a tile then lies in fewer pieces."""
    waiting: list[Cells] = []
    for block in blocks:
        waiting.append(block)
        if sum(len(each.rows) for each in waiting) >= CELLS_A_SORT:
            yield Cells(*(np.concatenate(field) for field in zip(*waiting, strict=True)))
            waiting = []
    if waiting:
        yield Cells(*(np.concatenate(field) for field in zip(*waiting, strict=True)))


def count_axes(blocks: Callable[[], Iterator[Cells]], num_rows: int) -> tuple[CellCounts, CellCounts]:
    """How many cells each row has, and each column."""
    rows, columns = np.zeros(num_rows, np.int64), np.zeros(num_rows, np.int64)
    for block in blocks():
        rows += np.bincount(block.rows, minlength=num_rows)
        columns += np.bincount(block.columns, minlength=num_rows)
    return rows, columns


def _stripes(counts: CellCounts, num_stripes: int) -> Int32[np.ndarray, "num_rows"]:
    """The stripe of each row, by the middle of its cells among all cells."""
    middle = np.cumsum(counts) - counts / 2
    stripes = np.minimum(middle * num_stripes / max(1, int(counts.sum())), num_stripes - 1)
    found: Int32[np.ndarray, "num_rows"] = stripes.astype(np.int32)
    return found


@dataclass(eq=False)
class _Scattered:
    """Cells in a temporary file, sorted block by block: each tile in as many pieces as there are blocks."""

    num_tiles: int

    def __post_init__(self) -> None:
        self.file = ArrayFile(CELL)
        self.starts: list[Int64[np.ndarray, "tiles_plus_1"]] = []  # where the tiles of each block begin

    def __enter__(self) -> _Scattered:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()

    def append(
        self,
        sizes: Int64[np.ndarray, "tiles"],
        rows: Int32[np.ndarray, "cells"],
        columns: Int32[np.ndarray, "cells"],
        logs: Shaped[np.ndarray, "cells"],
    ) -> None:
        """Add cells that are sorted by tile."""
        self.starts.append(self.file.size + np.concatenate([[0], np.cumsum(sizes)]))
        self.file.append(_packed(rows, columns, logs))

    def read(self, tile: int) -> Span:
        """All cells of a tile, in the order they came in."""
        bounds = [(int(starts[tile]), int(starts[tile + 1])) for starts in self.starts]
        return np.concatenate([self.file.read(start, stop) for start, stop in bounds if stop > start])

    def sizes(self) -> list[int]:
        """The cells of each tile."""
        total: Int64[np.ndarray, "tiles"] = np.zeros(self.num_tiles, np.int64)
        for starts in self.starts:
            total += np.diff(starts)
        sizes: list[int] = total.tolist()
        return sizes


def _gather(scattered: _Scattered, seed: int, threads: int) -> TiledCells:
    """Write tile after tile, mixed, to a new file."""
    sizes = scattered.sizes()
    starts = np.cumsum([0, *sizes]).tolist()
    file = ArrayFile(CELL)

    def write(tile: int) -> None:
        tile_seed = np.random.SeedSequence(seed, spawn_key=(3, tile)).generate_state(1, np.uint64)
        cells = scattered.read(tile)
        mixed = kernels.load("cell_tiles").mix_tile(
            *(np.ascontiguousarray(cells[name]) for name in CELL.names or ()), seed=int(tile_seed[0])
        )
        file.write(_packed(*mixed), starts[tile])

    try:
        with ThreadPoolExecutor(threads, thread_name_prefix="rowspace-tiles") as pool:
            for _ in pool.map(write, [tile for tile, size in enumerate(sizes) if size]):
                pass
    except BaseException:
        file.close()
        raise
    return TiledCells(file, _cut(sizes))


def _packed(
    rows: Int32[np.ndarray, "cells"],
    columns: Int32[np.ndarray, "cells"],
    logs: Shaped[np.ndarray, "cells"],
) -> Span:
    """One array of CELL."""
    cells = np.empty(len(rows), CELL)
    cells["row"], cells["column"], cells["log_weight"] = rows, columns, logs
    return cells


def _cut(sizes: list[int]) -> Boundaries:
    """Bounds of spans: small tiles together, large ones in equal parts."""
    wanted = min(CELLS_A_TILE, max(FEWEST, sum(sizes) // SPANS_WANTED))
    boundaries = [0]
    end = 0
    for size in sizes:
        end += size
        waiting = end - boundaries[-1]
        if waiting >= wanted:
            parts = max(1, waiting // (2 * wanted))
            boundaries += [boundaries[-1] + waiting * part // parts for part in range(1, parts + 1)]
    if end > boundaries[-1] or end == 0:
        boundaries.append(end)
    return np.array(boundaries, np.int64)
