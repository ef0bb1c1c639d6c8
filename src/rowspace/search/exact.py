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
from rowspace.kernels.reference.top_k import COSINE, DOT, EUCLIDEAN, Queries
from rowspace.search.bounds import Metric, query_bounds, row_bounds, shorten
from rowspace.stores import DenseStore, Store

CODES = {"dot": DOT, "cosine": COSINE, "euclidean": EUCLIDEAN}
Result = TypeVar("Result")

FLOATS_IN_BLOCK = 1 << 20  # 4 MB of rows or of scores at a time and thread
# Multiply-adds from which importing Numba is worth its time; NumPy spends a million's on each query.
KERNEL_FROM_WORK = 2_000_000_000
WORK_OF_A_QUERY = 1_000_000


class Hits(NamedTuple):
    """Row ids and scores, best first; where fewer than k rows have a finite score: -1 and -inf."""

    ids: Int64[np.ndarray, "queries k"]
    scores: Float32[np.ndarray, "queries k"]


class Index(Protocol):
    """What answers a batch of queries."""

    def search(self, queries: Queries, k: int) -> Hits:
        """The k nearest rows of each query."""
        ...


class ExactIndex:
    """All rows of a store or matrix, ready to be searched without a copy of them.

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
    ) -> None:
        """Take the first `limit` rows (default: all); `threads` defaults to the number of cores.

        Small searches use NumPy alone, whose matrix products take the threads that BLAS is set to.
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
        work = len(queries) * (self.num_rows * self.dim + WORK_OF_A_QUERY)
        device: kernels.Device = "cpu" if work >= KERNEL_FROM_WORK else "reference"
        scan = kernels.load("top_k", device).scan_
        gain, offset = query_bounds(queries, self.metric)

        def scan_share(blocks: Iterator[tuple[int, int]]) -> Hits:
            ids = np.full((len(queries), k), -1, np.int64)
            values = np.full((len(queries), k), -np.inf, np.float32)
            for start, stop in blocks:
                rows = slice(start, stop)
                scan(
                    self._block(start, stop), self._scale[rows], self._shift[rows], queries, gain, offset,
                    CODES[self.metric], start, values, ids,
                )  # fmt: skip
            return Hits(ids, values)

        if device == "cpu":
            shares = self._share_blocks(scan_share, self._block_rows(), self.threads)
        else:
            shares = self._share_blocks(scan_share, self._product_rows(len(queries)), 1)
        return self._merge(shares, k, exponents)

    def blocks(self) -> Iterator[tuple[int, Vectors]]:
        """All rows in order, a few megabytes at a time, each block with the id of its first row."""
        size = self._block_rows()
        for start in range(0, self.num_rows, size):
            yield start, self._block(start, min(start + size, self.num_rows))

    def _block(self, start: int, stop: int) -> Vectors:
        """The rows [start, stop), contiguous; a view where the store allows one."""
        if isinstance(self._store, DenseStore):
            return np.ascontiguousarray(self._store.vectors[start:stop])
        return np.ascontiguousarray(self._store.gather(np.arange(start, stop)))

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
