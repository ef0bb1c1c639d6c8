"""The first rows of keys that a table did not know, and where each came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float32

from rowspace.arrays import Counts, PackedKeys, Vectors
from rowspace.errors import RecipeError, ShapeError
from rowspace.table import Table
from rowspace.training.growing.surroundings import Text, Wanted, learn_map, neighbor_weights, pupils
from rowspace.training.spans import EncodedStream
from rowspace.vocabulary.subwords import Subwords

Origin = Literal["subwords", "neighbors", "table", "mean", "zero"]
SPREAD = 0.1  # of the old rows' own: enough that no two new rows are equal, and near their mean


@dataclass(frozen=True, eq=False)
class Reading:
    """A text encoded for growth: ids below the number of old keys are theirs, higher ones the new keys'."""

    stream: EncodedStream
    counts: Counts  # of every key in the text, old and new


@dataclass(frozen=True, eq=False)
class NewRows:
    """Rows for new keys, each with its origin."""

    rows: Vectors
    origins: list[Origin]

    @classmethod
    def unfilled(cls, keys: PackedKeys, dim: int) -> NewRows:
        """Rows of zeros."""
        return cls(np.zeros((len(keys), dim), np.float32), ["zero"] * len(keys))

    def put_(self, chosen: Bool[np.ndarray, "keys"], rows: Vectors, origin: Origin) -> None:
        """Fill the chosen rows: `rows` has one for each of them."""
        self.rows[chosen] = rows
        for place in np.flatnonzero(chosen):
            self.origins[place] = origin

    def lacking(self) -> Bool[np.ndarray, "keys"]:
        """Which rows nothing has filled yet."""
        return np.array([origin == "zero" for origin in self.origins], np.bool_)


def make_rows(
    table: Table,
    keys: PackedKeys,
    source: Origin | Table,
    *,
    reading: Reading | None,
    window: int,
    rng: np.random.Generator,
) -> NewRows:
    """The rows of `keys`, none of which is a key of `table`, from `source`.

    A key for which the source has nothing gets a row by the mean and spread of the old ones, unless the
    source is "zero". Raises RecipeError where the source cannot serve this table, ShapeError for a table
    of another dim.
    """
    made = NewRows.unfilled(keys, table.dim)
    if source == "zero":
        return made
    if isinstance(source, Table):
        _from_table_(made, source, keys, "table")
    elif source == "subwords":
        if not isinstance(table.vocabulary, Subwords):
            raise RecipeError(
                'rows="subwords" needs a table with subwords, but this one has plain words; give a table '
                "with subwords as rows=, or choose neighbors, mean or zero"
            )
        _from_table_(made, table, keys, "subwords")
    elif source == "neighbors":
        if reading is None:
            raise RecipeError(
                'rows="neighbors" needs a text to find them in, but corpus is None; give corpus=, or choose '
                "mean or zero"
            )
        _from_neighbors_(made, table, reading, window)
    lacking = made.lacking()
    made.put_(lacking, spread_rows(_own_rows(table), int(lacking.sum()), SPREAD, rng), "mean")
    return made


def spread_rows(
    rows: Vectors, count: int, spread: float, rng: np.random.Generator
) -> Float32[np.ndarray, "count dim"]:
    """Draw `count` rows around the mean of `rows`, with `spread` times their standard deviations.

    Deviations go along the principal directions, so that they are correlated as those of `rows` are
    (Hewitt 2021, "Initializing new word embeddings for pretrained language models"). No rows, zeros.
    """
    if len(rows) == 0:
        return np.zeros((count, rows.shape[1]), np.float32)
    mean = rows.mean(axis=0, dtype=np.float64)
    centered = (rows - mean).astype(np.float64)
    values, directions = np.linalg.eigh(centered.T @ centered / len(rows))
    root = directions * np.sqrt(np.maximum(values, 0))  # fewer rows than columns leave some values at 0
    drawn: Float32[np.ndarray, "count dim"] = np.empty((count, len(mean)), np.float32)
    drawn[:] = mean + spread * rng.standard_normal((count, len(mean))) @ root.T
    return drawn


def _from_table_(made: NewRows, source: Table, keys: PackedKeys, origin: Origin) -> None:
    """Take the vectors of the keys that `source` knows."""
    if source.dim != made.rows.shape[1]:
        raise ShapeError(
            f"rows must come from a table of the same dim {made.rows.shape[1]}, but that of rows= has "
            f"{source.dim}"
        )
    bags = source.vocabulary.rows_of(keys, "zero")
    known = np.diff(bags.offsets) > 0
    made.put_(known, source.store.pool(bags)[known], origin)


def _from_neighbors_(made: NewRows, table: Table, reading: Reading, window: int) -> None:
    """Place each key where its neighbours in the text say, if any of them is known."""
    num_known, num_ids = len(table), len(reading.counts)
    weights = neighbor_weights(reading.counts[:num_known])
    text = Text(reading.stream, table.vectors, weights, window)
    wanted: Wanted = np.arange(-num_known, num_ids - num_known, dtype=np.int32)
    wanted[:num_known] = -1
    found = text.around(wanted)
    near = found.totals > 0
    rows = found.means()[near]
    taught = pupils(reading.counts[:num_known], num_ids, table.dim)
    if taught is not None:
        known = np.flatnonzero(taught >= 0)
        known = known[np.argsort(taught[known])]
        rows = rows @ learn_map(text.around(taught).means(), table.vectors[known])
    made.put_(near, rows.astype(np.float32), "neighbors")


def _own_rows(table: Table) -> Vectors:
    """The rows that belong to one key each."""
    vocabulary = table.vocabulary
    own = vocabulary.num_own_rows if isinstance(vocabulary, Subwords) else vocabulary.num_rows
    rows: Vectors = table.store.gather(np.arange(own))
    return rows
