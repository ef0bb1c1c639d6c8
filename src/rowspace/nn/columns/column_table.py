"""A column as a Table and back."""

from __future__ import annotations

from typing import get_args

import numpy as np

from rowspace.arrays import PackedKeys, RowIds, Vectors
from rowspace.errors import ShapeError
from rowspace.nn.columns.category import Kind
from rowspace.nn.columns.column_vocabulary import FIRST, MISSING, UNKNOWN, ColumnVocabulary
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.vocabulary import Words

UNKNOWN_KEY, MISSING_KEY = "<unknown>", "<missing>"


def to_table(vocabulary: ColumnVocabulary, vectors: Vectors) -> Table:
    """A copy of a column's rows with its categories as keys.

    The first two keys stand for unknown and missing; where a category is called so itself, they are
    wrapped in more brackets. The metadata name them, the column, and the kind of its values.
    """
    unknown, missing = _free_key(UNKNOWN_KEY, vocabulary.words), _free_key(MISSING_KEY, vocabulary.words)
    words = Words.from_keys(
        PackedKeys.from_strings([unknown, missing]).followed_by(vocabulary.words.keys),
        counts=vocabulary.counts,
        unknown_key=unknown,
        missing="unknown",
    )
    facts = {
        "column": vocabulary.name,
        "kind": vocabulary.kind,
        "unknown_key": unknown,
        "missing_key": missing,
    }
    return Table(words, DenseStore(np.array(vectors, np.float32)), {"columns": facts})


def from_table(name: str, table: Table) -> tuple[ColumnVocabulary, Vectors]:
    """The vocabulary and the rows of a column called `name`, from a table of `to_table` or any other."""
    facts = table.metadata.get("columns")
    counts = np.zeros(len(table), np.int64) if table.counts is None else table.counts
    if not isinstance(facts, dict) or facts.get("kind") not in (None, *get_args(Kind)):
        mean = (
            table.vectors.mean(axis=0, keepdims=True) if len(table) else np.zeros((1, table.dim), np.float32)
        )
        words = Words.from_keys(table.keys, counts=np.array(counts))
        return ColumnVocabulary(name, "text", words, 0, 0), np.concatenate([mean, mean, table.vectors])
    if [*table.keys[:FIRST]] != [facts.get("unknown_key"), facts.get("missing_key")]:
        raise ShapeError(
            f"the table of column {name!r} must begin with its unknown and its missing key, but begins with "
            f"{table.keys[:FIRST]}; take the table that to_tables gave, or drop its metadata 'columns'"
        )
    words = Words.from_keys(table.keys.take(np.arange(FIRST, len(table))), counts=np.array(counts[FIRST:]))
    special = int(counts[UNKNOWN]), int(counts[MISSING])
    return ColumnVocabulary(name, facts.get("kind"), words, *special), np.array(table.vectors)


def known_rows(vocabulary: ColumnVocabulary, table: Table) -> tuple[RowIds, Vectors]:
    """The rows of the column whose category the table knows, and its vectors for them."""
    bags = table.vocabulary.rows_of(list(vocabulary.words.keys), "zero")
    known = np.flatnonzero(np.diff(bags.offsets))
    return known + FIRST, table.store.pool(bags)[known]


def _free_key(key: str, words: Words) -> str:
    while key in words:
        key = f"<{key}>"
    return key
