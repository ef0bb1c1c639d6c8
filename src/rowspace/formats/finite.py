"""Rows with NaN or infinity: refused, kept or cleared, in one place for every format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from jaxtyping import Bool

from rowspace.arrays import Vectors
from rowspace.errors import FormatError
from rowspace.formats.options import NonFinite

SHOWN = 5
ROWS_A_STEP = 1 << 14


def settle_values(
    path: Path, vectors: Vectors, nonfinite: NonFinite, *, name_of: Callable[[int], str], offset: int = 0
) -> int:
    """Zero the rows that are not finite, or leave them, as `nonfinite` has it; return how many were zeroed.

    Raises FormatError under "error", with the names of the first such rows.
    """
    if nonfinite == "keep":
        return 0
    broken: Bool[np.ndarray, "rows"] = np.zeros(len(vectors), np.bool_)
    for start in range(0, len(vectors), ROWS_A_STEP):
        step = slice(start, start + ROWS_A_STEP)
        broken[step] = ~np.isfinite(vectors[step]).all(axis=1)
    count = int(broken.sum())
    if count and nonfinite == "error":
        names = ", ".join(name_of(row) for row in np.flatnonzero(broken)[:SHOWN].tolist())
        raise FormatError(
            path,
            offset,
            f"every value must be finite, but the rows of {names}{' ...' if count > SHOWN else ''} "
            'hold NaN or infinity; pass nonfinite="zero" to clear such rows or "keep" to keep them',
        )
    if count:
        vectors[broken] = 0
    return count
