"""Shrink a table to fewer keys: the rows that stay are the same bit for bit, in the same order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Int64

from rowspace.arrays import Counts, RowIds
from rowspace.errors import RecipeError, UnknownKeyError
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.training.growing.appending import PLACES, words_of
from rowspace.training.ranges import check_integer
from rowspace.vocabulary import Words
from rowspace.vocabulary.subwords import Subwords

Mask = Bool[np.ndarray, "keys"]


def shrink(
    table: Table,
    keep: Sequence[str] | None = None,
    *,
    max_size: int | None = None,
    min_count: int | None = None,
) -> Table:
    """The table with some of its keys only, in memory; asked for several ways, those that pass them all.

    The rows of n-grams all stay, since unknown keys need them; what goes are own rows. The unknown row
    always stays, and the counts of the keys that go are added to its own. Context rows that belong to a
    tree over all keys are dropped.

    Args:
        table: Stays as it is.
        keep: The keys to keep; UnknownKeyError for one that the table does not have.
        max_size: Keep at most so many keys, the most frequent ones; without counts the first.
        min_count: Keep the keys that occurred so often; RecipeError for a table without counts.

    >>> table = Table.from_arrays(["a", "b", "c"], np.eye(3, dtype=np.float32), counts=np.array([2, 9, 5]))
    >>> list(shrink(table, max_size=2).keys), list(shrink(table, min_count=3).keys)
    (['b', 'c'], ['b', 'c'])
    """
    if keep is None and max_size is None and min_count is None:
        raise RecipeError("shrinking needs keep, max_size or min_count, but got none of them")
    words = words_of(table.vocabulary)
    stays = np.ones(len(words), np.bool_) if keep is None else _named(words, keep)
    if min_count is not None:
        stays &= _often_enough(words, min_count)
    if words.unknown_row >= 0:
        stays[words.unknown_row] = True
    if max_size is not None:
        stays = _most_frequent(words, stays, max_size)
    if not stays.any():
        raise RecipeError("a table must keep a key, but none passes keep, max_size and min_count together")
    return _reduced(table, words, np.flatnonzero(stays))


def _named(words: Words, keep: Sequence[str]) -> Mask:
    places = words.find_all(keep)
    if (places < 0).any():
        first = keep[int(np.argmax(places < 0))]
        raise UnknownKeyError(
            f"keys to keep must be in the table, but {first!r} is not"
            f" ({int((places < 0).sum())} of {len(keep)} are not); leave them out"
        )
    stays: Mask = np.zeros(len(words), np.bool_)
    stays[places] = True
    return stays


def _often_enough(words: Words, min_count: int) -> Mask:
    check_integer("min_count", min_count, 1)
    if words.counts is None:
        raise RecipeError("min_count needs a table with counts, but this one has none; use max_size or keep")
    often: Mask = words.counts >= min_count
    return often


def _most_frequent(words: Words, stays: Mask, max_size: int) -> Mask:
    """Those of `stays` that come first by falling count, and for equal counts by row."""
    check_integer("max_size", max_size, 1)
    rows = np.flatnonzero(stays)
    if words.counts is not None:
        rows = rows[np.argsort(-words.counts[rows], kind="stable")]
    if words.unknown_row >= 0:
        rows = np.concatenate([[words.unknown_row], rows[rows != words.unknown_row]])
    chosen: Mask = np.zeros(len(words), np.bool_)
    chosen[rows[:max_size]] = True
    return chosen


def _reduced(table: Table, words: Words, keys: RowIds) -> Table:
    """The table with the keys at these places."""
    fewer = Words.from_keys(
        words.keys.take(keys),
        counts=_counts(words, keys),
        unknown_key=words.unknown_key,
        missing=words.missing,
    )
    rows, vocabulary = keys, fewer
    if isinstance(table.vocabulary, Subwords):
        own = table.vocabulary.num_own_rows
        parts = np.arange(own, table.vocabulary.num_rows)
        rows = np.concatenate([keys, parts]) if own else parts
        return _taken(table, Subwords(fewer, table.vocabulary.splitter), rows, keys)
    return _taken(table, vocabulary, rows, keys)


def _counts(words: Words, keys: RowIds) -> Counts | None:
    if words.counts is None:
        return None
    counts: Counts = words.counts[keys].copy()
    if words.unknown_row >= 0:
        counts[keys == words.unknown_row] += words.counts.sum() - counts.sum()
    return counts


def _taken(
    table: Table, vocabulary: Words | Subwords, rows: Int64[np.ndarray, "rows"], keys: RowIds
) -> Table:
    """The rows of the store, the context and the state that belong to what stays."""
    context = None
    if table.context is not None and table.context.shape[0] == len(table):
        context = DenseStore(table.context.gather(keys))
    state = {}
    for name, values in table.state.items():
        of_store, of_keys = len(values) == table.store.shape[0], len(values) == len(table)
        by_row = values[rows] if of_store else values[keys] if of_keys else values
        state[name] = values if name in PLACES else by_row
    return Table(vocabulary, DenseStore(table.store.gather(rows)), table.metadata, context, state)
