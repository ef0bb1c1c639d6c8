"""Exact search: every row is compared, in blocks, on as many threads as asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import Literal, NamedTuple, Protocol, TypeVar, get_args

import numpy as np
from jaxtyping import Float32, Int64

from rowspace import kernels
from rowspace.arrays import Vectors
from rowspace.errors import RecipeError, ShapeError
from rowspace.kernels.reference.top_k import COSINE, DOT, EUCLIDEAN, Queries, QueryScalars, RowScalars
from rowspace.stores import DenseStore, Store

Metric = Literal["cosine", "dot", "euclidean"]
CODES = {"dot": DOT, "cosine": COSINE, "euclidean": EUCLIDEAN}
Result = TypeVar("Result")

FLOATS_IN_BLOCK = 1 << 20  # 4 MB of rows or of scores at a time and thread
# Multiply-adds from which importing Numba is worth its time; NumPy spends a million's on each query.
KERNEL_FROM_WORK = 2_000_000_000
WORK_OF_A_QUERY = 1_000_000
TINY = 2.0**-126  # float32 products below it lose at most as much
MEASURABLE = 1e-15, 1e18  # lengths whose squares neither vanish nor overflow in float32


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

    Higher scores are nearer: a cosine (0 for a zero vector), a dot product, or a negative distance.
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

        `threads` is for the kernel of large searches. Small ones use NumPy alone, whose matrix products
        take the threads that BLAS is set to.
        """
        if metric not in get_args(Metric):
            raise RecipeError(f"metric must be one of {', '.join(get_args(Metric))}, but is {metric!r}")
        self._store: Store = DenseStore(vectors) if isinstance(vectors, np.ndarray) else vectors
        self.metric = metric
        self.num_rows = self._store.shape[0]
        if limit is not None:
            self.num_rows = min(at_least_one(limit, "limit"), self.num_rows)
        self.threads = at_least_one(threads if threads is not None else os.cpu_count() or 1, "threads")
        self._norms = np.zeros(self.num_rows, np.float32)
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
        queries, exponents = self._prepare(queries)
        k = min(at_least_one(k, "k"), self.num_rows)
        work = len(queries) * (self.num_rows * self.dim + WORK_OF_A_QUERY)
        device: kernels.Device = "cpu" if work >= KERNEL_FROM_WORK else "reference"
        scan = kernels.load("top_k", device).scan_
        scale, shift = self._row_bounds()
        gain, offset = self._query_bounds(queries)

        def scan_share(blocks: Iterator[tuple[int, int]]) -> Hits:
            ids = np.full((len(queries), k), -1, np.int64)
            values = np.full((len(queries), k), -np.inf, np.float32)
            for start, stop in blocks:
                rows = slice(start, stop)
                scan(
                    self._block(start, stop), scale[rows], shift[rows], queries, gain, offset,
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
        """Rows in one matrix product: as few products as memory allows, since BLAS waits for all cores in each."""
        copies = 0 if isinstance(self._store, DenseStore) else self.dim
        return max(1, FLOATS_IN_BLOCK // max(num_queries, copies, 1))

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
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(work, [_take_all(waiting) for _ in range(threads)]))

    def _measure_(self, blocks: Iterator[tuple[int, int]]) -> None:
        """Note the norm of each row; 0 only where the row is zero, not where its square vanishes."""
        for start, stop in blocks:
            block = self._block(start, stop)
            with np.errstate(all="ignore"):
                norms = np.sqrt(np.vecdot(block, block))
            zero = np.flatnonzero(norms == 0)
            norms[zero] = np.where(block[zero].any(axis=1), TINY, 0)
            self._norms[start:stop] = norms

    def _prepare(self, queries: Queries) -> tuple[Queries, Int64[np.ndarray, "queries"]]:
        """Check the queries and, but for distances, bring each to a length near one.

        The factor is a power of two, 2**-exponent, so no digit is lost; without it the rounding error of the
        longest query would blur the bounds of all others.
        """
        queries = np.ascontiguousarray(queries, np.float32)
        if queries.ndim != 2 or queries.shape[1] != self.dim:
            raise ShapeError(f"queries must have shape (queries, {self.dim}), but have {queries.shape}")
        finite = np.isfinite(queries).all(axis=1)
        if not finite.all():
            raise ShapeError(
                f"queries must be finite, but query {int(np.argmin(finite))} holds NaN or infinity"
            )
        if self.metric == "euclidean":
            return queries, np.zeros(len(queries), np.int64)
        largest = np.abs(queries).max(axis=1, initial=0)
        exponents = np.frexp(largest)[1].astype(np.int64)
        return np.ldexp(queries, -exponents[:, None]), exponents

    def _row_bounds(self) -> tuple[RowScalars, RowScalars]:
        """The scale and shift of `kernels.reference.top_k` for each row.

        Rounding: a float32 product of two vectors errs by at most dim * 2**-24 times both lengths (Higham,
        Accuracy and Stability of Numerical Algorithms, section 3.1); `error` is twice that and more, for the
        norms, which are sums themselves, and for the sums that follow. Queries are no longer than sqrt(dim),
        and 2 * row * query <= row**2 + query**2 gives distances a bound that keeps the two apart.
        """
        norms = self._norms.astype(np.float64)
        error, longest = self._error(), np.sqrt(self.dim)
        with np.errstate(all="ignore"):
            if self.metric == "cosine":
                scale = np.where(norms > 0, 1 / norms, 0)
                shift = (error + self.dim * TINY * scale) * longest
            elif self.metric == "dot":
                scale = np.ones_like(norms)
                shift = error * norms * longest + self.dim * TINY
            else:
                scale = np.full_like(norms, 2)
                shift = norms**2 * (2 * error - 1) + self.dim * TINY
            low, high = MEASURABLE
            shift[(norms != 0) & ~((norms > low) & (norms < high))] = np.inf
            return scale.astype(np.float32), shift.astype(np.float32)

    def _query_bounds(self, queries: Queries) -> tuple[QueryScalars, QueryScalars]:
        """The gain and offset of `kernels.reference.top_k` for each query."""
        wide = queries.astype(np.float64)
        squares = np.einsum("qd,qd->q", wide, wide)
        gain, offset = np.ones(len(queries)), np.zeros(len(queries))
        if self.metric == "cosine":
            gain = np.sqrt(squares)
        elif self.metric == "euclidean":
            offset = squares * (1 - self._error())
        return gain, offset

    def _error(self) -> float:
        return (self.dim + 32) * 2.0**-23

    def _merge(self, shares: list[Hits], k: int, exponents: Int64[np.ndarray, "queries"]) -> Hits:
        """The k best of all threads, in order, as scores."""
        ids = np.concatenate([share.ids for share in shares], axis=1)
        values = np.concatenate([share.scores for share in shares], axis=1)
        best = np.lexsort((ids, -values), axis=1)[:, :k]
        ids, values = np.take_along_axis(ids, best, 1), np.take_along_axis(values, best, 1)
        if self.metric == "euclidean":
            values = -np.sqrt(-values)
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
