"""The rows that training with subwords starts from."""

from __future__ import annotations

import numpy as np

from rowspace.arrays import RowIds
from rowspace.errors import RecipeError, ShapeError
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.training.growing.appending import words_of
from rowspace.training.initial import ROWS_A_STEP, draw_
from rowspace.training.matrices import Matrices
from rowspace.training.schedule import generator
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.splitters import Splitter
from rowspace.vocabulary.subwords import Subwords


def start_subwords(
    vocabulary: Subwords, *, dim: int, seed: int, initial: Table | None, outputs: int
) -> tuple[Matrices, int]:
    """Matrices for a vocabulary with subwords, random or from `initial`, and how many keys that knew.

    The row of all n-grams that no key has stays zero. Context rows, `outputs` of them, start at zero.
    """
    matrices = Matrices.zeros(vocabulary.num_rows, dim, outputs=outputs)
    draw_(matrices.center, dim, generator(seed))
    splitter = vocabulary.splitter
    if isinstance(splitter, NGrams) and splitter.shared_row is not None:
        matrices.center[vocabulary.num_own_rows + splitter.shared_row] = 0
    return matrices, 0 if initial is None else take_subwords_(matrices, vocabulary, initial)


def take_subwords_(matrices: Matrices, vocabulary: Subwords, initial: Table) -> int:
    """Take what `initial` knows of the vocabulary, and its context rows; return how many keys that were.

    From a table with the same subwords the rows themselves are taken, those of keys and those of parts.
    Any other gives vectors: a key's own row then makes up what its random parts lack of it.

    Raises ShapeError for a table of another dim, RecipeError where a row taken is not finite, or where
    keys have no rows of their own to make up anything.
    """
    if initial.dim != matrices.dim:
        raise ShapeError(
            f"initial rows must have the recipe's dim {matrices.dim}, but have {initial.dim}; "
            f"set dim={initial.dim} or choose another table"
        )
    places = words_of(initial.vocabulary).find_all(vocabulary.keys)
    known = np.flatnonzero(places >= 0)
    if isinstance(initial.vocabulary, Subwords) and _same_parts(vocabulary, initial.vocabulary):
        if vocabulary.num_own_rows:
            _copy_(matrices, known, initial, places[known])
        _copy_(matrices, *_parts_in_both(vocabulary, initial))
    elif vocabulary.num_own_rows:
        _make_up_(matrices, vocabulary, known, initial)
    else:
        raise RecipeError(
            "rows shared by all keys start only from a table with the same subwords, but `initial` has "
            "others or none; leave `initial` out, or set hashes=0, which gives each key a row of its own"
        )
    _copy_context_(matrices, vocabulary, known, initial, places[known])
    if not matrices.are_finite():
        raise RecipeError(
            "initial rows must be finite, but some of `initial` are not; remove such rows from the table"
        )
    return len(known)


def _same_parts(vocabulary: Subwords, other: Subwords) -> bool:
    """Whether both break keys into the same parts; which of these have rows does not matter."""
    return _cutting(vocabulary.splitter) == _cutting(other.splitter)


def _cutting(splitter: Splitter) -> dict[str, object]:
    return {"kind": splitter.kind, **splitter.to_json(), "shared_row": None}


def _parts_in_both(vocabulary: Subwords, initial: Table) -> tuple[RowIds, Table, RowIds]:
    """The rows of parts that both sides have, here and in `initial`."""
    assert isinstance(initial.vocabulary, Subwords)
    splitter, other = vocabulary.splitter, initial.vocabulary.splitter
    targets = sources = np.arange(splitter.num_rows)
    if isinstance(splitter, NGrams) and isinstance(other, NGrams):
        targets, sources = _rows_of_buckets(splitter), _rows_of_buckets(other)
        both = (targets >= 0) & (sources >= 0)
        targets, sources = targets[both], sources[both]
    return vocabulary.num_own_rows + targets, initial, initial.vocabulary.num_own_rows + sources


def _rows_of_buckets(splitter: NGrams) -> RowIds:
    """The row of each bucket; -1 for those without any, or with the row of all that no key has."""
    if not splitter.max_n:
        return np.empty(0, np.int64)
    if splitter.kept is None:
        return np.arange(splitter.buckets)
    rows: RowIds = splitter.kept.astype(np.int64)
    if splitter.shared_row is not None:
        rows[rows == splitter.shared_row] = -1
    return rows


def _copy_(matrices: Matrices, targets: RowIds, initial: Table, sources: RowIds) -> None:
    """Copy rows of the store as they are."""
    for start in range(0, len(targets), ROWS_A_STEP):
        part = slice(start, start + ROWS_A_STEP)
        matrices.center[targets[part], : matrices.dim] = initial.store.gather(sources[part])


def _make_up_(matrices: Matrices, vocabulary: Subwords, known: RowIds, initial: Table) -> None:
    """Move the own rows of `known` keys so that the means of their bags are the vectors in `initial`."""
    rows = DenseStore(matrices.center)
    for start in range(0, len(known), ROWS_A_STEP):
        own = known[start : start + ROWS_A_STEP]
        keys = vocabulary.keys.take(own)
        bags = vocabulary.rows_of(keys)
        lacking = initial.lookup(keys) - rows.pool(bags)[:, : matrices.dim]
        matrices.center[own, : matrices.dim] += np.diff(bags.offsets)[:, None].astype(np.float32) * lacking


def _copy_context_(
    matrices: Matrices, vocabulary: Subwords, known: RowIds, initial: Table, places: RowIds
) -> None:
    """Take context rows where both sides have one a key: a tree's nodes belong to its counts."""
    context = initial.context
    if context is None or context.shape[0] != len(initial) or len(matrices.context) != len(vocabulary):
        return
    for start in range(0, len(known), ROWS_A_STEP):
        part = slice(start, start + ROWS_A_STEP)
        matrices.context[known[part], : matrices.dim] = context.gather(places[part])
