"""Any table of columns, read by name: pandas, Polars, Arrow, NumPy records, dicts of columns, lists of dicts.

None of these libraries is imported. A frame is known by what it offers, and a column by its length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rowspace.errors import ShapeError

SHOWN_NAMES = 8
NO_COLUMNS = (str, bytes, Mapping, set, frozenset)  # they have a length, but are no column of values


@dataclass(frozen=True, eq=False)
class Frame:
    """The names of a frame's columns, and how to get one."""

    names: list[Any]  # in order; of other types than str too, since foreign frames allow them
    get: Callable[[str], Any]

    def columns(self, names: Sequence[str]) -> list[Any]:
        """The columns of these names, all of one length; ShapeError names the first that is not to be had."""
        columns = [self._column(name) for name in names]
        for name, column in zip(names, columns, strict=True):
            if len(column) != len(columns[0]):
                raise ShapeError(
                    f"all columns must have as many rows, but column {names[0]!r} has {len(columns[0])} "
                    f"and column {name!r} has {len(column)}"
                )
        return columns

    def _column(self, name: str) -> Any:
        times = self.names.count(name)
        if times == 0:
            raise ShapeError(f"the frame must have a column {name!r}, but has {_shown(self.names)}")
        if times > 1:
            raise ShapeError(
                f"column names must be distinct, but column {name!r} occurs {times} times; rename them"
            )
        column = self.get(name)
        if (
            isinstance(column, NO_COLUMNS)
            or not hasattr(column, "__len__")
            or getattr(column, "ndim", 1) != 1
        ):
            raise ShapeError(
                f"column {name!r} must be a list or array with a value for each row, "
                f"but is {type(column).__name__} {str(column)[:40]!r}; write [value] for one row"
            )
        return column


def open_frame(frame: object) -> Frame:
    """The columns of any kind of frame, without a copy; ShapeError for what is none.

    >>> frame = open_frame([{"city": "Oslo", "size": 1}, {"city": "Rome"}])
    >>> frame.names, frame.columns(["size"])
    (['city', 'size'], [[1, None]])
    """
    source: Any = frame
    if isinstance(frame, Mapping):
        return Frame(list(frame), frame.__getitem__)
    if isinstance(frame, list | tuple) and all(isinstance(record, Mapping) for record in frame):
        return _of_records(frame)
    if isinstance(frame, np.ndarray) and frame.dtype.names:
        return Frame(list(frame.dtype.names), frame.__getitem__)
    if hasattr(frame, "collect") or hasattr(frame, "compute"):
        raise ShapeError(
            f"a frame must be in memory, but {type(frame).__name__} is lazy; call its collect() or compute()"
        )
    for names in ("column_names", "columns"):  # Arrow has both, and means the columns themselves by `columns`
        if hasattr(frame, names) and hasattr(frame, "__getitem__"):
            return Frame(list(getattr(source, names)), source.__getitem__)
    raise ShapeError(
        "a frame must be a pandas or Polars frame, an Arrow table, a dict of columns, or a list of dicts, "
        f"but is {type(frame).__name__}; pyarrow.table(frame) converts whatever exports Arrow data"
    )


def check_names(names: Iterable[Any], what: str) -> list[str]:
    """`names` as a list of distinct str, else ShapeError."""
    if isinstance(names, str):
        raise ShapeError(
            f"{what} must be a list of names, but is the single string {names!r}; write [{names!r}]"
        )
    listed = list(names)
    for place, name in enumerate(listed):
        if not isinstance(name, str):
            raise ShapeError(f"column names must be str, but {name!r} is {type(name).__name__}; rename it")
        if name in listed[:place]:
            raise ShapeError(f"column names must be distinct, but {name!r} comes twice in {what}")
    return listed


def _of_records(records: Sequence[Mapping[Any, Any]]) -> Frame:
    """One column for every name that any record has; records without it have None there."""
    names = list(dict.fromkeys(name for record in records for name in record))
    return Frame(names, lambda name: [record.get(name) for record in records])


def _shown(names: Sequence[Any]) -> str:
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return ", ".join(map(repr, names[:SHOWN_NAMES])) + more if names else "none"
