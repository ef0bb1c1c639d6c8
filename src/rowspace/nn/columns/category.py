"""Categories: values of any type as text, without letting 5 and "5" become one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Literal

import numpy as np

from rowspace.errors import ShapeError

Kind = Literal["text", "number", "truth", "date"]

NAMES = {"text": "text", "number": "numbers", "truth": "truth values", "date": "dates"}


def category_of(value: Any) -> tuple[Kind, str] | None:
    """The kind of a value and its text, or None where the value is missing; TypeError for other types.

    Missing are None, NaN, NaT and pandas.NA. Equal numbers have one text, whether they come as int, float
    or Decimal, since a column of whole numbers becomes float in pandas as soon as one value is missing.
    A time stamp at midnight is its day; one with a zone is told in UTC.

    >>> category_of(5.0), category_of("5"), category_of(True), category_of(float("nan"))
    (('number', '5'), ('text', '5'), ('truth', 'True'), None)
    """
    if isinstance(value, str):
        return "text", _storable(value)
    if isinstance(value, np.generic):
        value = _python_value(value)
    if value is None or type(value).__name__ == "NAType":
        return None
    if isinstance(value, bool):
        return "truth", str(value)
    if isinstance(value, int):
        return "number", str(value)
    if isinstance(value, float | Decimal):
        return None if math.isnan(value) else ("number", _number_text(value))
    if isinstance(value, date):  # a datetime is one, and so is NaT, which differs from itself
        return None if value != value else ("date", _date_text(value))  # noqa: PLR0124
    raise TypeError


def categories_of(values: list[Any], column: str) -> tuple[Kind | None, Sequence[str | None]]:
    """The one kind of all values and the text of each, None where missing; the kind is None if all are.

    Raises ShapeError, naming the column, for values of two kinds and for types that are no category.
    """
    if set(map(type, values)) == {str}:
        return "text", _all_storable(values)
    kinds: dict[Kind, Any] = {}
    texts: list[str | None] = []
    for value in values:
        try:
            found = category_of(value)
        except TypeError:
            raise _no_category(value, column) from None
        texts.append(None if found is None else found[1])
        if found is not None:
            kinds.setdefault(found[0], value)
    if len(kinds) > 1:
        (first, one), (second, other) = list(kinds.items())[:2]
        raise ShapeError(
            f"column {column!r} must hold values of one kind, but holds {NAMES[first]} such as {one!r} and "
            f"{NAMES[second]} such as {other!r}; convert all to one, for example to str"
        )
    return next(iter(kinds), None), texts


def check_kind(kind: Kind | None, learned: Kind | None, column: str, values: list[Any]) -> None:
    """Raise ShapeError where a column holds another kind of values than in training: none would be known."""
    if kind is None or learned is None or kind == learned:
        return
    example = next(value for value in values if category_of(value) is not None)
    raise ShapeError(
        f"column {column!r} held {NAMES[learned]} in training, but now holds {NAMES[kind]} such as "
        f"{example!r}; convert it: 5 and '5' are different categories"
    )


def _python_value(value: np.generic) -> Any:
    """NumPy's scalar as Python's; a datetime64 as datetime, whatever its unit."""
    return value.astype("datetime64[us]").item() if isinstance(value, np.datetime64) else value.item()


def _number_text(value: float | Decimal) -> str:
    if math.isfinite(value) and value == int(value):
        return str(int(value))
    return repr(value) if isinstance(value, float) else str(value.normalize()).lower()


def _date_text(value: date) -> str:
    if not isinstance(value, datetime):
        return value.isoformat()
    if value.tzinfo is not None:
        return value.astimezone(UTC).isoformat()
    return (
        value.date().isoformat() if value.time() == time() and not _nanoseconds(value) else value.isoformat()
    )


def _nanoseconds(value: Any) -> int:
    """What a pandas Timestamp has beyond microseconds."""
    return int(getattr(value, "nanosecond", 0))


def _storable(text: str) -> str:
    """`text`, or where it holds lone surrogates, which are no Unicode, their bytes as keys allow them."""
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
    return text


def _all_storable(texts: list[str]) -> list[str]:
    """The same for many: they are asked one by one only where one of them needs it."""
    try:
        "".join(texts).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return [_storable(text) for text in texts]
    return texts


def _no_category(value: Any, column: str) -> ShapeError:
    return ShapeError(
        f"column {column!r} must hold str, numbers, truth values or dates, but holds {type(value).__name__} "
        f"{str(value)[:40]!r}; convert it to str, or give several values a row to an EmbeddingBag"
    )
