"""Fixtures that more than one test folder uses."""

from __future__ import annotations

import os
import pkgutil
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import rowspace.kernels.gpu
from rowspace.table import Table

REPOSITORY = Path(__file__).resolve().parent.parent
GPU = rowspace.kernels.gpu.__name__
GPU_NAMES = [each.name for each in pkgutil.iter_modules(rowspace.kernels.gpu.__path__)]


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


@pytest.fixture
def gpu_kernels() -> Callable[..., Mapping[str, ModuleType]]:
    """A function of `interpret`: the modules of kernels.gpu by name, under Triton's interpreter or not."""
    pytest.importorskip("torch")
    pytest.importorskip("triton")
    return _imported_anew


@cache
def _imported_anew(*, interpret: bool) -> Mapping[str, ModuleType]:
    """The modules of kernels.gpu, imported beside those that others may have imported.

    Triton decides at each decorator whether to interpret, so what counts is the moment of the import, and
    neither the order of tests nor a torch that imported Triton before changes the outcome.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRITON_INTERPRET", str(int(interpret)))
        for name in GPU_NAMES:
            patch.delitem(sys.modules, f"{GPU}.{name}", raising=False)
            patch.setattr(rowspace.kernels.gpu, name, None, raising=False)
        modules = {name: import_module(f"{GPU}.{name}") for name in GPU_NAMES}
        for name in GPU_NAMES:
            del sys.modules[f"{GPU}.{name}"]
    return modules
