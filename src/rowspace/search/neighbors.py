"""Nearest keys: a table, and keys or vectors to look around."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import overload

import numpy as np
from jaxtyping import Float32, Int64

from rowspace.arrays import Vector, Vectors
from rowspace.errors import UnknownKeyError
from rowspace.search.bounds import Metric
from rowspace.search.exact import ExactIndex, Hits, at_least_one
from rowspace.stores import DenseStore, Store
from rowspace.table import Table
from rowspace.vocabulary import Words

KEYS_FOR_HINTS = 20_000


@dataclass(frozen=True, eq=False, repr=False)
class Neighbors:
    """The neighbors of one query, nearest first; iterates as (key, score) pairs."""

    keys: list[str]
    ids: Int64[np.ndarray, "k"]
    scores: Float32[np.ndarray, "k"]

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, place: int) -> tuple[str, float]:
        """The key and the score at one place."""
        return self.keys[place], float(self.scores[place])

    def __iter__(self) -> Iterator[tuple[str, float]]:
        return iter(zip(self.keys, self.scores.tolist(), strict=True))

    def __repr__(self) -> str:
        return f"Neighbors([{', '.join(f'({key!r}, {score:.4f})' for key, score in self)}])"

    def __str__(self) -> str:
        width = max((len(key) for key in self.keys), default=0)
        return "\n".join(f"{key:<{width}}  {score:7.4f}" for key, score in self)


@overload
def nearest(  # type: ignore[overload-overlap]  # a str is a sequence of str, but means one key here
    table: Table,
    query: str,
    k: int = ...,
    *,
    metric: Metric = ...,
    exclude: Sequence[str] = ...,
    limit: int | None = ...,
) -> Neighbors: ...
@overload
def nearest(
    table: Table,
    query: Sequence[str],
    k: int = ...,
    *,
    metric: Metric = ...,
    exclude: Sequence[str] = ...,
    limit: int | None = ...,
) -> list[Neighbors]: ...
@overload
def nearest(
    table: Table,
    query: Vector | Vectors,
    k: int = ...,
    *,
    metric: Metric = ...,
    exclude: Sequence[str] = ...,
    limit: int | None = ...,
) -> Neighbors | list[Neighbors]: ...
def nearest(
    table: Table,
    query: str | Sequence[str] | Vector | Vectors,
    k: int = 10,
    *,
    metric: Metric = "cosine",
    exclude: Sequence[str] = (),
    limit: int | None = None,
) -> Neighbors | list[Neighbors]:
    """The k nearest keys of a key or vector; for a list of keys or a matrix, a list of such answers.

    A key is no neighbor of itself, nor is any key in `exclude`. Only the first `limit` keys, the most
    frequent ones, are candidates; the query may be any key that the table knows, by its subwords too.
    Higher scores are nearer. Reads every row twice, so for many calls on a large table build an
    ExactIndex of ``key_store(table)`` once. Raises UnknownKeyError.

    >>> table = Table.from_arrays(["a", "b", "c"], np.array([[1, 0], [1, 1], [0, 1]], np.float32))
    >>> nearest(table, "a", k=2)
    Neighbors([('b', 0.7071), ('c', 0.0000)])
    >>> [key for key, _ in nearest(table, np.array([0, 5], np.float32), exclude=["b"])]
    ['c', 'a']
    """
    index = ExactIndex(key_store(table), metric, limit=limit)
    if isinstance(query, np.ndarray):
        queries = np.atleast_2d(query)
        own = [set(exclude)] * len(queries)
    else:
        keys = [query] if isinstance(query, str) else list(query)
        queries = vectors_of(table, keys)
        own = [{key, *exclude} for key in keys]
    most = max((len(keys) for keys in own), default=0)
    answers = name_hits(table, index.search(queries, at_least_one(k, "k") + most), k, own)
    is_one = isinstance(query, str) or (isinstance(query, np.ndarray) and query.ndim == 1)
    return answers[0] if is_one else answers


def key_store(table: Table) -> Store:
    """One row a key, in the order of the keys: what a search of a table goes through.

    The table's own store for plain words; with subwords the vectors that `Table.vectors` computes once.
    """
    return table.store if isinstance(table.vocabulary, Words) else DenseStore(table.vectors)


def name_hits(table: Table, hits: Hits, k: int, without: Sequence[set[str]]) -> list[Neighbors]:
    """The first k keys of each query's hits that are not in its set `without`."""
    answers = []
    for ids, scores, left_out in zip(hits.ids, hits.scores, without, strict=True):
        found = [(table.keys[row], place) for place, row in enumerate(ids.tolist()) if row >= 0]
        kept = [(key, place) for key, place in found if key not in left_out][:k]
        places = np.array([place for _, place in kept], np.int64)
        answers.append(Neighbors([key for key, _ in kept], ids[places], scores[places]))
    return answers


def vectors_of(table: Table, keys: Sequence[str]) -> Vectors:
    """The vectors of keys that must all be known; UnknownKeyError proposes similar spellings."""
    try:
        return table.lookup(keys, missing="raise")
    except UnknownKeyError:
        unknown = next(key for key in keys if key not in table)
        similar = _similar_keys(table, unknown)
        hint = f"; did you mean {' or '.join(map(repr, similar))}?" if similar else ""
        raise UnknownKeyError(f"every key must be in the vocabulary, but {unknown!r} is not{hint}") from None


def _similar_keys(table: Table, unknown: str) -> list[str]:
    """Up to three of the most frequent keys that look like `unknown`, in a fraction of a second."""
    frequent = (key for key, _ in zip(table.keys, range(KEYS_FOR_HINTS), strict=False))
    plausible = [
        key
        for key in frequent
        if abs(len(key) - len(unknown)) <= 2 and key[:1].lower() == unknown[:1].lower()
    ]
    return get_close_matches(unknown, plausible, n=3, cutoff=0.7)
