"""Count how often rows occur near each other, under a memory budget, and keep the cells on disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, NamedTuple

import numpy as np
from jaxtyping import Float32, Int32, Int64, UInt64
from tqdm import tqdm

from rowspace import kernels
from rowspace.errors import RecipeError
from rowspace.formats.cooccurrence_file import Cells
from rowspace.training.counting.cells import CellFile, CellWriter, Starts
from rowspace.training.counting.chunks import Chunk, Thresholds, chunks
from rowspace.training.spans import EncodedStream

Weighting = Literal["harmonic", "linear", "flat"]

ROOM_CELLS = 1 << 18  # a piece of work gives at most so many cells, or one row
SHORTEST_CHUNK = 1 << 16  # tokens
CELL_BYTES = 12  # a column and a sum
TOKEN_BYTES = 8  # a token and its place in the list by row
FAN_IN = 8  # runs that are merged at a time
SHOW_AFTER_SECONDS = 1.0

Counted = tuple[Int64[np.ndarray, "rows"], Int32[np.ndarray, "cells"], UInt64[np.ndarray, "cells"]]


class Cooccurrences:
    """A sparse matrix of weights in temporary files; a context manager that frees them.

    Row r and column c hold what all pairs of a center r and a context c weigh together.
    """

    def __init__(self, cells: CellFile) -> None:
        """Take over sorted cells with float32 values."""
        self._cells = cells

    @property
    def num_rows(self) -> int:
        """The rows of the matrix, and its columns."""
        return len(self._cells.starts) - 1

    @property
    def num_cells(self) -> int:
        """The cells that are not zero."""
        return int(self._cells.starts[-1])

    @property
    def starts(self) -> Starts:
        """The cells before each row, and in all: int64 (num_rows + 1,)."""
        return self._cells.starts

    def blocks(self) -> Iterator[Cells]:
        """All cells by row and column, each pair once; a block holds whole rows, one at least."""
        starts = self._cells.starts
        for first, last in _pieces(np.diff(starts), ROOM_CELLS):
            columns, weights = self._cells.read(first, last)
            rows = np.repeat(np.arange(first, last, dtype=np.int32), np.diff(starts[first : last + 1]))
            yield Cells(rows, columns, weights)

    def close(self) -> None:
        """Free the files. Closing again does nothing."""
        self._cells.close()

    def __enter__(self) -> Cooccurrences:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def count_cooccurrences(
    stream: EncodedStream,
    num_rows: int,
    *,
    window: int,
    weighting: Weighting,
    symmetric: bool,
    memory_bytes: int,
    threads: int,
    keep: Thresholds | None = None,
    seed: int = 0,
    progress: bool = False,
) -> Cooccurrences:
    """Count the pairs of tokens at most `window` apart in one document.

    Cell (r, c) is the weight of all places where c follows r, and with `symmetric` also of those where
    it precedes it. A pair at distance d weighs 1/d ("harmonic", GloVe's), (window + 1 - d) / window
    ("linear", what word2vec's shrinking window counts on average) or 1 ("flat"). Sums are exact (1/d to
    2**-30) and then rounded to float32, so they depend neither on `threads` nor on `memory_bytes`.

    Args:
        stream: Documents as row ids, each closed by END.
        num_rows: Every id is below it.
        window: Tokens on each side.
        weighting: How the weight falls with the distance.
        symmetric: Count both sides. False counts the tokens behind a center only.
        memory_bytes: What counting may use. Text that does not fit is counted in chunks, whose cells are
            merged on disk: 12 bytes a cell and chunk.
        threads: Workers; fewer run where memory is short.
        keep: Sub-sampling thresholds by row, from `keep_thresholds`; tokens dropped leave no gap.
        seed: Of the sub-sampling.
        progress: Show a bar.

    Raises RecipeError where memory_bytes is less than one chunk needs, and FileAccessError where the disk
    is full.
    """
    plan = _plan(stream.num_ids, num_rows, window, memory_bytes, threads)
    units, scale = weigh(weighting, window)
    tokens = chunks(stream, plan.chunk_tokens, window=window, keep=keep, seed=seed)
    bar = tqdm(total=stream.num_ids, unit=" tokens", unit_scale=True, disable=not progress,
               delay=SHOW_AFTER_SECONDS, desc="co-occurrences", dynamic_ncols=True)  # fmt: skip
    with bar, ThreadPoolExecutor(plan.threads, thread_name_prefix="rowspace-count") as pool:
        counting = _Counting(pool, plan, num_rows, units, symmetric, scale)
        return Cooccurrences(counting.run(tokens, bar.update))


def weigh(weighting: Weighting, window: int) -> tuple[UInt64[np.ndarray, "window"], float]:
    """The whole units that pairs at distance 1 to `window` count, and what a unit weighs.

    >>> weigh("linear", 4)
    (array([4, 3, 2, 1], dtype=uint64), 0.25)
    """
    distance = np.arange(1, window + 1)
    if weighting == "harmonic":
        return np.rint(2.0**30 / distance).astype(np.uint64), 2.0**-30
    if weighting == "linear":
        return (window + 1 - distance).astype(np.uint64), 1 / window
    return np.ones(window, np.uint64), 1.0


class _Plan(NamedTuple):
    threads: int
    chunk_tokens: int


def _plan(num_ids: int, num_rows: int, window: int, memory_bytes: int, threads: int) -> _Plan:
    """As many threads as leave room for a chunk, and the longest chunk that then fits."""
    lists = (8 * (FAN_IN + 1) + 48) * num_rows  # where rows begin, in each run and in the chunk
    # For each thread the sums of one row; two pieces of cells, one being made and one waiting to be
    # written; and twice what is merged into a piece.
    a_thread = 9 * num_rows + 2 * CELL_BYTES * (
        max(ROOM_CELLS, num_rows) + max(ROOM_CELLS, FAN_IN * num_rows)
    )
    least = lists + a_thread + TOKEN_BYTES * (SHORTEST_CHUNK + 4 * window)
    if memory_bytes < least:
        raise RecipeError(
            f"counting co-occurrences of {num_rows:,} rows needs {least:,} bytes of memory at least, but may "
            f"use {memory_bytes:,}; allow {least / 2**30:.3g} GB or more, or keep fewer rows"
        )
    fitting = min(threads, 1 + (memory_bytes - least) // a_thread)
    left = memory_bytes - lists - fitting * a_thread
    most = np.iinfo(np.int32).max  # places are int32
    return _Plan(fitting, min(left // TOKEN_BYTES, most, max(num_ids, 4 * window + 1)))


@dataclass(eq=False)
class _Counting:
    """Chunks into runs of cells, and runs into one."""

    pool: ThreadPoolExecutor
    plan: _Plan
    num_rows: int
    units: UInt64[np.ndarray, "window"]
    symmetric: bool
    scale: float

    def run(self, tokens: Iterator[Chunk], advance: Callable[[int], Any]) -> CellFile:
        runs: list[CellFile] = []
        try:
            for chunk in tokens:
                if chunk.is_last and not runs:
                    return self._count(chunk, advance, np.float32)
                runs.append(self._count(chunk, advance, np.uint64))
                if len(runs) == FAN_IN and not chunk.is_last:
                    runs = [self._merge(runs, np.uint64)]
            return self._merge(runs, np.float32)
        finally:
            for each in runs:
                each.close()

    def _count(self, chunk: Chunk, advance: Callable[[int], Any], dtype: Any) -> CellFile:
        """The cells of one chunk, their sums as units (uint64) or weights (float32)."""
        kernel = kernels.load("cooccurrence")
        tokens, first, last, _ = chunk
        starts, places = kernel.list_places(tokens, self.num_rows, first=first, last=last)
        reach = (1 + self.symmetric) * len(self.units)
        most = np.minimum(np.diff(starts) * reach, self.num_rows)

        def work(first_row: int, last_row: int) -> Counted:
            counted: Counted = kernel.count_rows(
                tokens, starts, places, self.units,
                symmetric=self.symmetric, first_row=first_row, last_row=last_row,
            )  # fmt: skip
            return counted

        def report(first_row: int, last_row: int) -> None:
            advance(int(starts[last_row] - starts[first_row]))

        return self._write(_pieces(most, ROOM_CELLS), work, report, dtype)

    def _merge(self, runs: Sequence[CellFile], dtype: Any) -> CellFile:
        """The sums of several runs; frees them."""
        kernel = kernels.load("cooccurrence")
        most = np.sum([np.diff(run.starts) for run in runs], axis=0)

        def work(first_row: int, last_row: int) -> Counted:
            pieces = [run.read(first_row, last_row) for run in runs]
            before = np.cumsum([0] + [len(columns) for columns, _ in pieces])
            starts = np.stack([
                run.starts[first_row : last_row + 1] - run.starts[first_row] + shift
                for run, shift in zip(runs, before, strict=False)
            ])  # fmt: skip
            columns = np.concatenate([columns for columns, _ in pieces])
            sums = np.concatenate([sums for _, sums in pieces])
            merged: Counted = kernel.merge_rows(starts, columns, sums, num_rows=self.num_rows)
            return merged

        merged = self._write(_pieces(most, ROOM_CELLS), work, lambda first_row, last_row: None, dtype)
        for run in runs:
            run.close()
        return merged

    def _write(
        self,
        pieces: Iterator[tuple[int, int]],
        work: Callable[[int, int], Counted],
        report: Callable[[int, int], None],
        dtype: Any,
    ) -> CellFile:
        """Let the pool work on pieces, and write what it gives in their order."""
        with CellWriter(self.num_rows, dtype) as writer:
            waiting: deque[tuple[Future[Counted], int, int]] = deque()

            def write_first() -> None:
                future, first_row, last_row = waiting.popleft()
                sizes, columns, sums = future.result()
                writer.append(sizes, columns, sums if dtype is np.uint64 else self._weights(sums))
                report(first_row, last_row)

            for first_row, last_row in pieces:
                waiting.append((self.pool.submit(work, first_row, last_row), first_row, last_row))
                if len(waiting) == 2 * self.plan.threads:
                    write_first()
            while waiting:
                write_first()
            return writer.finish()

    def _weights(self, sums: UInt64[np.ndarray, "cells"]) -> Float32[np.ndarray, "cells"]:
        return (sums.astype(np.float64) * self.scale).astype(np.float32)


def _pieces(most: Int64[np.ndarray, "rows"], room: int) -> Iterator[tuple[int, int]]:
    """Ranges of rows that hold `room` cells together at most, or one row."""
    before = np.concatenate([[0], np.cumsum(most)])
    first = 0
    while first < len(most):
        last = int(np.searchsorted(before, before[first] + room, side="right")) - 1
        last = max(last, first + 1)
        yield first, last
        first = last
