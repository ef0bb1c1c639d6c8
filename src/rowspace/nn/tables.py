"""From a table to the rows of a layer, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor

from rowspace.arrays import PackedKeys, Vector, Vectors
from rowspace.errors import RecipeError, ShapeError
from rowspace.nn.unknown import Unknown, num_own_rows, unknown_row_of
from rowspace.stores import DenseStore, all_rows
from rowspace.table import Table
from rowspace.vocabulary import Subwords, Vocabulary, Words

UNKNOWN_KEY = "<unk>"


def layer_arrays(
    table: Table, unknown: Unknown | None = None
) -> tuple[Float32[Tensor, "rows dim"], Vocabulary, Unknown | None]:
    """A writable copy of a table's rows, those of subwords too, its vocabulary, and the unknown row.

    With `unknown` there may be more rows than in the table: one for the unknown key where the vocabulary
    has none, behind the keys' own rows, and the buckets behind all. They start as the mean of the keys' own.
    """
    vocabulary, placed = with_unknown(table.vocabulary, unknown)
    before, num_rows = table.store.shape[0], vocabulary.num_rows
    buckets = 0 if placed is None else placed.buckets
    rows = torch.empty(num_rows + buckets, table.dim)
    vectors = rows.numpy()
    if num_rows == before:
        vectors[:before] = all_rows(table.store)
    else:  # the unknown key's row comes between the own rows and those of parts
        own = num_own_rows(table.vocabulary)
        stored = all_rows(table.store)
        vectors[:own], vectors[own + 1 : num_rows] = stored[:own], stored[own:]
        vectors[own] = _mean(vectors[:own])
    vectors[num_rows:] = _mean(vectors[: num_own_rows(table.vocabulary)])
    return rows, vocabulary, placed


def with_unknown(vocabulary: Vocabulary, unknown: Unknown | None) -> tuple[Vocabulary, Unknown | None]:
    """The vocabulary with a key for unknown values if `unknown` needs one, and `unknown` placed in it.

    Without `unknown`, the vocabulary's own unknown key, if it has one, stands for unknown values.
    A layer needs ``vocabulary.num_rows + unknown.buckets`` rows.
    """
    if unknown is None:
        if unknown_row_of(vocabulary) < 0:
            return vocabulary, None
        unknown = Unknown()
    if unknown.row is not None and not unknown.buckets:
        vocabulary = _with_unknown_key(vocabulary, unknown.row)
    elif not unknown.buckets and unknown_row_of(vocabulary) < 0:
        vocabulary = _with_appended_key(vocabulary)
    return vocabulary, unknown.placed(vocabulary)


def table_of(
    vocabulary: Vocabulary | None, weight: Float[Tensor, "rows dim"], metadata: Mapping[str, Any]
) -> Table:
    """A Table with a copy of the rows as float32 on the CPU.

    Rows behind the vocabulary's, the buckets of unknown keys, are left out.

    Without a vocabulary the keys are the row ids in decimals: "0", "1" and so on.
    Raises ShapeError where the vocabulary needs more rows than there are.
    """
    if vocabulary is None:
        vocabulary = Words.from_keys([str(row) for row in range(len(weight))])
    if vocabulary.num_rows > len(weight):
        raise ShapeError(
            f"a vocabulary of {vocabulary.num_rows} rows needs as many in the layer, but it has {len(weight)}"
        )
    vectors = np.empty((vocabulary.num_rows, weight.shape[1]), np.float32)
    torch.from_numpy(vectors).copy_(weight.detach()[: len(vectors)])
    return Table(vocabulary, DenseStore(vectors), dict(metadata))


def _mean(vectors: Vectors) -> Vector:
    """The mean vector; zeros where there is none."""
    means: Vector = (vectors.sum(axis=0, dtype=np.float64) / max(1, len(vectors))).astype(np.float32)
    return means


def _with_unknown_key(vocabulary: Vocabulary, row: int) -> Vocabulary:
    """The same keys, that of `row` now the unknown key; as it is where the row is of no key."""
    if row == unknown_row_of(vocabulary):
        return vocabulary
    if row >= num_own_rows(vocabulary):
        raise RecipeError(
            f"the unknown row must be that of a key, in [0, {num_own_rows(vocabulary)}), but is {row}; "
            "leave it out to append one"
        )
    words = _words_of(vocabulary)
    words = Words(
        words.keys, words.slots, counts=words.counts, unknown_key=words.keys[row], missing=words.missing
    )
    return Subwords(words, vocabulary.splitter) if isinstance(vocabulary, Subwords) else words


def _with_appended_key(vocabulary: Vocabulary) -> Vocabulary:
    """The same keys and the unknown key behind them; where subwords share all rows, none can be appended."""
    if isinstance(vocabulary, Subwords) and not vocabulary.splitter.own_rows:
        raise RecipeError(
            "keys of this vocabulary have no rows of their own, so no row can stand for a key; leave unknown "
            'out, and choose out_of_range="zero" for keys without any part'
        )
    words = _words_of(vocabulary)
    if UNKNOWN_KEY in words:
        return _with_unknown_key(vocabulary, words.find(UNKNOWN_KEY))
    keys = words.keys.followed_by(PackedKeys.from_strings([UNKNOWN_KEY]))
    counts = None if words.counts is None else np.append(words.counts, 0)
    words = Words.from_keys(keys, counts=counts, unknown_key=UNKNOWN_KEY, missing=words.missing)
    return Subwords(words, vocabulary.splitter) if isinstance(vocabulary, Subwords) else words


def _words_of(vocabulary: Vocabulary) -> Words:
    words = vocabulary.words if isinstance(vocabulary, Subwords) else vocabulary
    if not isinstance(words, Words):
        raise RecipeError(
            f"an unknown key can be given to Words and Subwords, but the vocabulary is a "
            f"{type(vocabulary).__name__}; give it one of its own, or leave unknown out"
        )
    return words
