"""The same columns as frames of every kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

Columns = dict[str, list[Any]]


def _records(columns: Columns) -> Any:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _structured(columns: Columns) -> Any:
    rows = list(zip(*columns.values(), strict=True))
    return np.array(rows, [(name, object) for name in columns])


KINDS: dict[str, Callable[[Columns], Any]] = {
    "dict": dict,
    "records": _records,
    "structured": _structured,
    "pandas": lambda columns: pytest.importorskip("pandas").DataFrame(columns),
    "polars": lambda columns: pytest.importorskip("polars").DataFrame(columns),
    "arrow": lambda columns: pytest.importorskip("pyarrow").table(columns),
    "batch": lambda columns: pytest.importorskip("pyarrow").record_batch(columns),
}


@pytest.fixture(params=list(KINDS))
def frame_of(request: pytest.FixtureRequest) -> Callable[[Columns], Any]:
    """A function that makes a frame of lists; each kind of frame in turn."""
    return KINDS[request.param]
