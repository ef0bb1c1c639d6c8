"""The vectors of a test set's words in one table, at length one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float64, Int64

from rowspace.arrays import Vectors
from rowspace.evaluation.matching import matching_rows
from rowspace.table import Table

Units = Float64[np.ndarray, "words dim"]
Places = Int64[np.ndarray, "words"]


class WordUnits(NamedTuple):
    """Unit vectors, a zero vector as zero; and for each word the place of its own, -1 if it has none."""

    units: Float64[np.ndarray, "known dim"]
    places: Places


def word_units(table: Table, words: Sequence[str], *, fold: bool, limit: int | None) -> WordUnits:
    """The unit vectors of words, which may repeat.

    A word has one where it matches one of the first `limit` keys (None: all) whose vector is finite;
    without a limit also where the table knows it by its subwords.
    """
    forms = [word.lower() if fold else word for word in words]
    rows = matching_rows(table, forms, fold=fold, limit=limit)
    others = dict.fromkeys(form for form in forms if form not in rows)
    by_parts = [] if limit is not None else [word for word in others if word in table]
    keys = [*(table.keys[row] for row in rows.values()), *by_parts]
    places = {word: place for place, word in enumerate([*rows, *by_parts])}
    units, finite = _units(table.lookup(keys, missing="raise"))
    found = np.array([places.get(word, -1) for word in forms], np.int64)
    found[found >= 0] = np.where(finite, np.arange(len(keys)), -1)[found[found >= 0]]
    return WordUnits(units, found)


def _units(vectors: Vectors) -> tuple[Units, Bool[np.ndarray, "words"]]:
    """Each vector at length one, a zero vector as zero; and which vectors are finite."""
    wide: Units = vectors.astype(np.float64)
    finite: Bool[np.ndarray, "words"] = np.asarray(np.isfinite(wide).all(axis=1))
    wide[~finite] = 0
    lengths = np.sqrt(np.einsum("wd,wd->w", wide, wide))[:, None]
    return np.divide(wide, lengths, out=wide, where=lengths > 0), finite
