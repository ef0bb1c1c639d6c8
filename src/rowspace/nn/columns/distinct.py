"""The distinct values of a column, found the fast way that its library offers."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int64

from rowspace.errors import ShapeError

Codes = Int64[np.ndarray, "rows"]

TRUTHS = frozenset({bool, np.bool_})  # equal to 0 and 1, and of their hashes


@dataclass(frozen=True, eq=False)
class Distinct:
    """A column as its distinct values, and for each row the place of its value, -1 where it has none.

    Values that mean missing, such as NaN, may still be among the values.
    """

    values: list[Any]
    codes: Codes


def distinct_values(column: Any, name: str) -> Distinct:
    """The distinct values of a column; cost is linear in its rows. True, 1 and 1.0 stay apart.

    >>> found = distinct_values(["b", None, "b", "a"], "letters")
    >>> found.values, found.codes
    (['b', None, 'a'], array([0, 1, 0, 2]))
    """
    if hasattr(column, "dictionary_encode") and str(column.type).startswith(
        ("string", "large_string", "dictionary")
    ):
        return _of_arrow(column)
    # Among objects pandas takes True and 1 for the same value.
    if hasattr(column, "factorize") and str(column.dtype) != "object":
        codes, values = column.factorize()
        return Distinct(list(values), np.asarray(codes, np.int64))
    return _of_list(_listed(column), name)


def _of_arrow(column: Any) -> Distinct:
    whole = column.combine_chunks() if hasattr(column, "combine_chunks") else column
    encoded = whole if hasattr(whole, "dictionary") else whole.dictionary_encode()
    codes = encoded.indices.fill_null(-1) if encoded.indices.null_count else encoded.indices
    return Distinct(encoded.dictionary.to_pylist(), np.asarray(codes).astype(np.int64))


def _listed(column: Any) -> list[Any]:
    """A column as a list of Python values."""
    if isinstance(column, np.ndarray) and column.dtype.kind == "M":
        return list(column)  # as integers its values would no longer be dates
    for convert in ("to_pylist", "to_list", "tolist"):
        if hasattr(column, convert):
            return list(getattr(column, convert)())
    return list(column)


def _of_list(values: list[Any], name: str) -> Distinct:
    keyed: list[Any] = values
    try:
        if not TRUTHS.isdisjoint(map(type, values)):
            keyed = [(value, type(value)) for value in values]
        places = {value: place for place, value in enumerate(dict.fromkeys(keyed))}
    except TypeError:
        unhashable = next((value for value in values if not isinstance(value, Hashable)), values)
        raise ShapeError(
            f"column {name!r} must hold one category a row, but holds the {type(unhashable).__name__} "
            f"{str(unhashable)[:40]!r}; give several values a row to an EmbeddingBag"
        ) from None
    codes = np.fromiter(map(places.__getitem__, keyed), np.int64, len(keyed))
    return Distinct([value for value, _ in places] if keyed is not values else list(places), codes)
