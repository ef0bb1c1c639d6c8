"""Fixtures that more than one test folder uses."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from rowspace.table import Table

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data (ROWSPACE_DATA, else ../shared/data beside the repository), or a skip."""
    folder = Path(os.environ.get("ROWSPACE_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the real data is not at {folder}; set ROWSPACE_DATA to its folder")
    return folder


@pytest.fixture
def table() -> Table:
    """Fifty keys, k0 the most frequent, with random vectors of dim 8 that never change."""
    vectors = np.random.default_rng(7).standard_normal((50, 8)).astype(np.float32)
    return Table.from_arrays(
        [f"k{row}" for row in range(50)], vectors, counts=np.arange(50, 0, -1, dtype=np.int64) * 10
    )
