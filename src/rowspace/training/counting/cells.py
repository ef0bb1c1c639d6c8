"""Cells of a co-occurrence matrix, row by row in temporary files: memory holds only where rows begin."""

from __future__ import annotations

import os
import tempfile
import weakref
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np
from jaxtyping import Int32, Int64, Shaped

from rowspace.errors import FileAccessError

Starts = Int64[np.ndarray, "rows_plus_1"]
Columns = Int32[np.ndarray, "cells"]
CellValues = Shaped[np.ndarray, "cells"]


class ArrayFile:
    """An array of one dtype in a temporary file without a name, which the system frees whatever happens.

    Pages that were read belong to the system's cache, not to this process, so memory stays small.
    """

    def __init__(self, dtype: Any) -> None:
        """Make an empty file in the folder for temporary files; FileAccessError where that cannot be."""
        self.dtype = np.dtype(dtype)
        self.size = 0
        folder = tempfile.gettempdir()
        try:
            self._descriptor, name = tempfile.mkstemp(prefix="rowspace-", dir=folder)
            os.unlink(name)  # noqa: PTH108
        except OSError as error:
            raise FileAccessError(
                f"{folder}: no temporary file can be made: {error.strerror}; name another folder in TMPDIR"
            ) from error
        self._folder = folder
        self._closer = weakref.finalize(self, os.close, self._descriptor)

    def append(self, values: CellValues) -> None:
        """Write at the end. One thread at a time."""
        self.write(values, self.size)

    def write(self, values: CellValues, start: int) -> None:
        """Write values[0] to place `start`, and so on; threads may write different places at once."""
        content = np.ascontiguousarray(values, self.dtype).view(np.uint8).data
        end = self.dtype.itemsize * (start + len(values))
        try:
            while content:
                content = content[os.pwrite(self._descriptor, content, end - len(content)) :]
        except OSError as error:
            raise FileAccessError(
                f"a temporary file in {self._folder} cannot be written: {error.strerror}; co-occurrences "
                "need 8 to 24 bytes a cell: free some space, name a larger folder in TMPDIR, or use a "
                "smaller window or a higher min_count"
            ) from error
        self.size = max(self.size, start + len(values))

    def read(self, start: int, stop: int) -> CellValues:
        """A copy of the values [start, stop). Any thread may call it."""
        values = np.empty(stop - start, self.dtype)
        content = values.view(np.uint8).data
        while content:
            count = os.preadv(self._descriptor, [content], self.dtype.itemsize * stop - len(content))
            if count == 0:
                raise FileAccessError(f"a temporary file in {self._folder} ended early; was it cut short?")
            content = content[count:]
        return values

    def close(self) -> None:
        """Free the file. Closing again does nothing."""
        self._closer()


@dataclass(eq=False)
class CellFile:
    """Cells sorted by (row, column): those of row r are at starts[r]:starts[r + 1] of the two files."""

    starts: Starts
    columns: ArrayFile
    values: ArrayFile

    def read(self, first_row: int, last_row: int) -> tuple[Columns, CellValues]:
        """The columns and values of rows [first_row, last_row)."""
        start, stop = int(self.starts[first_row]), int(self.starts[last_row])
        return self.columns.read(start, stop), self.values.read(start, stop)

    def close(self) -> None:
        """Free both files."""
        self.columns.close()
        self.values.close()


class CellWriter:
    """Takes the cells of rows in order; then gives the CellFile. Frees its files if it does not get there."""

    def __init__(self, num_rows: int, dtype: Any) -> None:
        """Make the two files, the values as `dtype`."""
        self._starts = np.zeros(num_rows + 1, np.int64)
        self._columns = ArrayFile(np.int32)
        self._values = ArrayFile(dtype)
        self._rows = 0
        self._finished = False

    def __enter__(self) -> CellWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._finished:
            self._columns.close()
            self._values.close()

    def append(self, sizes: Int64[np.ndarray, "rows"], columns: Columns, values: CellValues) -> None:
        """Add the next rows, sizes[i] cells each."""
        stop = self._rows + len(sizes)
        self._starts[self._rows + 1 : stop + 1] = self._starts[self._rows] + np.cumsum(sizes)
        self._rows = stop
        self._columns.append(columns)
        self._values.append(values)

    def finish(self) -> CellFile:
        """The cells of all rows; those not appended are empty."""
        self._starts[self._rows + 1 :] = self._starts[self._rows]
        self._finished = True
        return CellFile(self._starts, self._columns, self._values)
