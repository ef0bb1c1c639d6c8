"""A sparse matrix in a temporary file, and its products with dense ones."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from types import TracebackType

import numpy as np

from rowspace import kernels
from rowspace.arrays import Offsets, aligned_zeros
from rowspace.corpus.pipeline import map_in_order
from rowspace.formats.cooccurrence_file import Cells
from rowspace.kernels.reference.sparse_product import CellValues, Columns, OfColumns, OfRows
from rowspace.training.counting.cells import CellFile, CellWriter
from rowspace.training.matrices import LANES

BLOCK_CELLS = 1 << 18  # two megabytes a thread; a longer row is a block of its own
AHEAD = 2

Advance = Callable[[int], object]


def _tell_nobody(cells: int) -> None:
    """Take no notice of progress."""


class SparseMatrix:
    """Float32 cells in temporary files, eight bytes each, read anew by every product.

    So memory is that of the dense matrices alone. A context manager that frees the files.

    >>> cells = Cells(np.array([0, 2], np.int32), np.array([1, 1], np.int32), np.array([5, 7], np.float32))
    >>> with SparseMatrix.from_cells([cells], rows=3, columns=2) as matrix:
    ...     matrix.num_cells, matrix.times(np.ones((2, 16), np.float32))[:, 0]
    (2, array([5., 0., 7.], dtype=float32))
    """

    def __init__(self, cells: CellFile, *, columns: int) -> None:
        """Take over cells with float32 values and column ids below `columns`."""
        self.shape = len(cells.starts) - 1, columns
        self.num_cells = int(cells.starts[-1])
        self._cells = cells
        self._blocks = _cut(cells.starts)

    @classmethod
    def from_cells(cls, parts: Iterable[Cells], *, rows: int, columns: int) -> SparseMatrix:
        """Write cells that come sorted by row, each part with whole rows; FileAccessError for a full disk."""
        with CellWriter(rows, np.float32) as writer:
            done = 0
            for cells in parts:
                sizes = np.bincount(cells.rows - done) if len(cells.rows) else np.zeros(0, np.int64)
                writer.append(sizes, cells.columns, cells.weights)
                done += len(sizes)
            return cls(writer.finish(), columns=columns)

    def times(self, dense: OfColumns, *, threads: int = 1, advance: Advance = _tell_nobody) -> OfRows:
        """The product with `dense`, float32 (columns, stride): float32 (rows, stride).

        Strides are multiples of 16. The same bits for any number of threads; `advance` hears the cells done.
        """
        kernel, product = (
            kernels.load("sparse_product").multiply_,
            aligned_zeros(self.shape[0], dense.shape[1]),
        )

        def work(block: tuple[int, int]) -> int:
            offsets, columns, values = self._read(*block)
            kernel(offsets, columns, values, dense, product[block[0] : block[1]])
            return len(values)

        for cells in map_in_order(work, self._blocks, threads=threads, ahead=AHEAD):
            advance(cells)
        return product

    def transposed_times(
        self, dense: OfRows, *, threads: int = 1, advance: Advance = _tell_nobody
    ) -> OfColumns:
        """The product of the transpose with `dense`, float32 (rows, stride): float32 (columns, stride).

        Each thread reads all cells and sums some columns of the product: so no two write the same number.
        """
        stride = dense.shape[1]
        product = aligned_zeros(self.shape[1], stride)
        workers = min(threads, stride // LANES)
        panels = [LANES * (stride // LANES * part // workers) for part in range(workers + 1)]
        halt = threading.Event()
        with ThreadPoolExecutor(workers) as pool:
            try:
                heard = [advance] + [_tell_nobody] * (workers - 1)  # one thread speaks for all
                bounds = zip(panels[:-1], panels[1:], heard, strict=True)
                for future in [pool.submit(self._add_panel, dense, product, halt, *each) for each in bounds]:
                    future.result()
            finally:
                halt.set()  # an error or Ctrl-C ends the others within a block
        return product

    def close(self) -> None:
        """Free the files. Closing again does nothing."""
        self._cells.close()

    def __enter__(self) -> SparseMatrix:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _add_panel(
        self,
        dense: OfRows,
        product: OfColumns,
        halt: threading.Event,
        first: int,
        last: int,
        advance: Advance,
    ) -> None:
        """Sum the columns first to last of the transposed product."""
        kernel = kernels.load("sparse_product").add_transposed_
        for block in self._blocks:
            if halt.is_set():
                return
            offsets, columns, values = self._read(*block)
            kernel(offsets, columns, values, dense[block[0] : block[1]], product, first, last)
            advance(len(values))

    def _read(self, first: int, last: int) -> tuple[Offsets, Columns, CellValues]:
        """The rows first to last: offsets from 0 on, columns, values."""
        columns, values = self._cells.read(first, last)
        return self._cells.starts[first : last + 1] - self._cells.starts[first], columns, values


def _cut(starts: Offsets) -> list[tuple[int, int]]:
    """Blocks of whole rows, (first, last), of about BLOCK_CELLS cells each."""
    rows = len(starts) - 1
    wanted = np.arange(BLOCK_CELLS, starts[-1], BLOCK_CELLS)
    bounds = np.unique([0, *np.searchsorted(starts, wanted).clip(0, rows), rows]).tolist()
    return list(pairwise(bounds))
