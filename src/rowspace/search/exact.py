"""Exact search: every row is compared, in blocks, on as many threads as asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import NamedTuple, Protocol, TypeVar, get_args

import numpy as np
from jaxtyping import Float32, Int64

from rowspace import kernels
from rowspace.arrays import Vectors
from rowspace.errors import RecipeError, ShapeError
from rowspace.kernels.reference.top_k import COSINE, DOT, EUCLIDEAN, BestIds, BestValues, Queries
from rowspace.search.bounds import Metric, query_bounds, row_bounds, shorten
from rowspace.search.sketch import Sketch
from rowspace.stores import DenseStore, Store

CODES = {"dot": DOT, "cosine": COSINE, "euclidean": EUCLIDEAN}
Result = TypeVar("Result")

FLOATS_IN_BLOCK = 1 << 20  # 4 MB of rows or of scores at a time and thread
BYTES_IN_BLOCK = 1 << 23  # of a sketch
# Multiply-adds, of all searches together, from which importing Numba is worth its time; NumPy spends a
# million's on each query.
KERNEL_FROM_WORK = 2_000_000_000
WORK_OF_A_QUERY = 1_000_000
FEW = 12  # queries that a sketch answers sooner than one pass of the kernel, which has room for 64
FEW_WITHOUT_SKETCH = 6  # and that NumPy does
SKETCH_FROM = 20  # queries asked few at a time, which cost as much as drawing a sketch


class Hits(NamedTuple):
    """Row ids and scores, best first; where fewer than k rows have a finite score: -1 and -inf."""

    ids: Int64[np.ndarray, "queries k"]
    scores: Float32[np.ndarray, "queries k"]


# Merges the rows [start, stop) into the best values and ids so far.
ScanBlock = Callable[[int, int, BestValues, BestIds], None]


class Index(Protocol):
    """What answers a batch of queries."""

    def search(self, queries: Queries, k: int) -> Hits:
        """The k nearest rows of each query."""
        ...


class ExactIndex:
    """All rows of a store or matrix, ready to be searched as they lie.

    Higher scores are nearer: a cosine (0 for a zero vector), a dot product (infinite beyond float32),
    or a negative distance.
    The answer is that of float64 arithmetic rounded once to float32, and equal scores go by row id:
    it is the same for every batch, block and thread count. A row with NaN or infinite values is no
    neighbor of anything. Building reads every row once; rows that change later need a new index.

    >>> index = ExactIndex(np.eye(3, dtype=np.float32))
    >>> hits = index.search(np.array([[3, 4, 0]], np.float32), k=2)
    >>> hits.ids.tolist(), hits.scores.round(2).tolist()
    ([[1, 0]], [[0.800000011920929, 0.6000000238418579]])
    """

    def __init__(
        self,
        vectors: Vectors | Store,
        metric: Metric = "cosine",
        *,
        limit: int | None = None,
        threads: int | None = None,
        sketch: bool = True,
    ) -> None:
        """Take the first `limit` rows (default: all); `threads` defaults to the number of cores.

        The first searches use NumPy alone, whose matrix products take the threads that BLAS is set to.
        With `sketch`, an index of dense rows that is asked a few queries at a time, again and again,
        comes to keep a copy of the rows in one byte a number: it tells which rows are worth reading.
        """
        if metric not in get_args(Metric):
            raise RecipeError(f"metric must be one of {', '.join(get_args(Metric))}, but is {metric!r}")
        self._store: Store = DenseStore(vectors) if isinstance(vectors, np.ndarray) else vectors
        self.metric = metric
        self.num_rows = self._store.shape[0]
        if limit is not None:
            self.num_rows = min(at_least_one(limit, "limit"), self.num_rows)
        self.threads = at_least_one(threads if threads is not None else os.cpu_count() or 1, "threads")
        self._scale = np.empty(self.num_rows, np.float32)
        self._shift = np.empty(self.num_rows, np.float32)
        self._may_sketch = sketch and isinstance(self._store, DenseStore)
        self._sketch: Sketch | None = None
        self._work_asked = self._few_asked = 0
        self._share_blocks(self._measure_, self._block_rows(), self.threads)

    @property
    def dim(self) -> int:
        """The number of values that a query needs."""
        return self._store.shape[1]

    def search(self, queries: Queries, k: int) -> Hits:
        """The min(k, rows) nearest rows of each query, float32 (queries, dim), best first.

        Costs rows x dim multiply-adds a query. Raises ShapeError for queries of another dim or with
        values that are not finite.
        """
        queries, exponents = self._checked(queries), np.zeros(len(queries), np.int64)
        if self.metric != "euclidean":
            queries, exponents = shorten(queries)
        k = min(at_least_one(k, "k"), self.num_rows)
        scan_block_, block_rows, threads = self._plan(queries)

        def scan_share(blocks: Iterator[tuple[int, int]]) -> Hits:
            ids = np.full((len(queries), k), -1, np.int64)
            values = np.full((len(queries), k), -np.inf, np.float32)
            for start, stop in blocks:
                scan_block_(start, stop, values, ids)
            return Hits(ids, values)

        return self._merge(self._share_blocks(scan_share, block_rows, threads), k, exponents)

    def _plan(self, queries: Queries) -> tuple[ScanBlock, int, int]:
        """How to scan, how many rows at a time, and on how many threads."""
        few = len(queries) <= (FEW if self._may_sketch else FEW_WITHOUT_SKETCH)
        self._work_asked += len(queries) * (self.num_rows * self.dim + WORK_OF_A_QUERY)
        self._few_asked += len(queries) * few
        busy = self._work_asked >= KERNEL_FROM_WORK
        if busy and not few:
            return self._scan_rows(queries, "cpu"), self._block_rows(), self.threads
        if busy and self._may_sketch and self._few_asked >= SKETCH_FROM:
            block_rows = max(1, BYTES_IN_BLOCK // max(self.dim, 1))
            return self._scan_sketch(queries), block_rows, self.threads
        return self._scan_rows(queries, "reference"), self._product_rows(len(queries)), 1

    def _scan_rows(self, queries: Queries, device: kernels.Device) -> ScanBlock:
        scan = kernels.load("top_k", device).scan_
        gain, offset = query_bounds(queries, self.metric)

        def scan_block_(start: int, stop: int, values: BestValues, ids: BestIds) -> None:
            bounds = self._scale[start:stop], self._shift[start:stop]
            rows = self._block(start, stop)
            scan(rows, *bounds, queries, gain, offset, CODES[self.metric], start, values, ids)

        return scan_block_

    def _scan_sketch(self, queries: Queries) -> ScanBlock:
        if self._sketch is None:
            sketch = Sketch.blank(self.num_rows, self.dim)
            self._share_blocks(lambda blocks: self._draw_(sketch, blocks), self._block_rows(), self.threads)
            self._sketch = sketch
        whole, scan = self._sketch, kernels.load("sketch").scan_
        gain, offset = query_bounds(queries, self.metric, sketched=True)

        def scan_block_(start: int, stop: int, values: BestValues, ids: BestIds) -> None:
            part, rows = whole.part(start, stop), self._rows(start, stop)
            scan(*part, rows, queries, gain, offset, CODES[self.metric], start, values, ids)

        return scan_block_

    def blocks(self) -> Iterator[tuple[int, Vectors]]:
        """All rows in order, a few megabytes at a time, each block with the id of its first row."""
        size = self._block_rows()
        for start in range(0, self.num_rows, size):
            yield start, self._block(start, min(start + size, self.num_rows))

    def _block(self, start: int, stop: int) -> Vectors:
        """The rows [start, stop), contiguous; a view where the store allows one."""
        return np.ascontiguousarray(self._rows(start, stop))

    def _rows(self, start: int, stop: int) -> Vectors:
        """The rows [start, stop) as they lie in memory, or gathered."""
        if isinstance(self._store, DenseStore):
            return self._store.vectors[start:stop]
        return self._store.gather(np.arange(start, stop))

    def _block_rows(self) -> int:
        return max(1, FLOATS_IN_BLOCK // max(self.dim, 1))

    def _product_rows(self, num_queries: int) -> int:
        """Rows in one matrix product: as many as memory allows, since BLAS waits for all cores in each."""
        copied = 1 if isinstance(self._store, DenseStore) else self.dim
        return max(1, FLOATS_IN_BLOCK // max(num_queries, copied))

    def _share_blocks(
        self, work: Callable[[Iterator[tuple[int, int]]], Result], block_rows: int, threads: int
    ) -> list[Result]:
        """Run `work` on each thread; every block goes to whichever thread asks for it first."""
        waiting: SimpleQueue[tuple[int, int]] = SimpleQueue()
        for start in range(0, self.num_rows, block_rows):
            waiting.put((start, min(start + block_rows, self.num_rows)))
        threads = min(threads, waiting.qsize())
        if threads <= 1:
            return [work(_take_all(waiting))]
        with ThreadPoolExecutor(threads - 1) as pool:
            others = [pool.submit(work, _take_all(waiting)) for _ in range(threads - 1)]
            mine = work(_take_all(waiting))  # this thread works too: it need not wait for one to start
            return [mine, *(other.result() for other in others)]

    def _measure_(self, blocks: Iterator[tuple[int, int]]) -> None:
        for start, stop in blocks:
            bounds = row_bounds(self._block(start, stop), self.metric)
            self._scale[start:stop], self._shift[start:stop] = bounds

    def _draw_(self, sketch: Sketch, blocks: Iterator[tuple[int, int]]) -> None:
        for start, stop in blocks:
            bounds = self._scale[start:stop], self._shift[start:stop]
            sketch.part(start, stop).draw_(self._block(start, stop), bounds, self.metric)

    def _checked(self, queries: Queries) -> Queries:
        queries = np.ascontiguousarray(queries, np.float32)
        if queries.ndim != 2 or queries.shape[1] != self.dim:
            raise ShapeError(f"queries must have shape (queries, {self.dim}), but have {queries.shape}")
        finite = np.isfinite(queries).all(axis=1)
        if not finite.all():
            place = int(np.argmin(finite))
            raise ShapeError(f"queries must be finite, but query {place} holds NaN or infinity")
        return queries

    def _merge(self, shares: list[Hits], k: int, exponents: Int64[np.ndarray, "queries"]) -> Hits:
        """The k best of all threads, in order, as scores."""
        ids = np.concatenate([share.ids for share in shares], axis=1)
        values = np.concatenate([share.scores for share in shares], axis=1)
        best = np.lexsort((ids, -values), axis=1)[:, :k]
        ids, values = np.take_along_axis(ids, best, 1), np.take_along_axis(values, best, 1)
        if self.metric == "euclidean":
            values = 0 - np.sqrt(-values)  # without a minus before zero
        elif self.metric == "dot":
            with np.errstate(over="ignore"):
                values = np.ldexp(values, exponents[:, None])
        return Hits(ids, values)


def at_least_one(number: int, name: str) -> int:
    """`number` if it is a whole number from one on, else RecipeError."""
    if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < 1:
        raise RecipeError(f"{name} must be a whole number from 1 on, but is {number!r}")
    return int(number)


def _take_all(waiting: SimpleQueue[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """What is left in a queue that other threads take from as well."""
    while True:
        try:
            yield waiting.get_nowait()
        except Empty:
            return
