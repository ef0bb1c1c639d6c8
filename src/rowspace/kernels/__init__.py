"""Arrays in, arrays out. ``reference`` is the specification in NumPy; ``cpu`` is Numba, ``gpu`` Triton.

A kernel module has the same name and the same functions in each folder; those of ``gpu`` take torch tensors
where the others take NumPy arrays, and not every kernel has a twin there. `load` is the only place that
imports them, on the first call, so that a process which opens and searches never pays for Numba, and one
that does not train on a GPU never for PyTorch and Triton.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Literal

Device = Literal["reference", "cpu", "gpu"]


@cache
def load(name: str, device: Device = "cpu") -> ModuleType:
    """The kernel module `name` for `device`; the first call for "cpu" imports Numba (about 0.3 s)."""
    return import_module(f"rowspace.kernels.{device}.{name}")
