"""The kernels of rowspace.kernels.gpu under Triton's interpreter, and on the GPU where there is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from rowspace import kernels

GpuKernels = Callable[..., Mapping[str, ModuleType]]


@dataclass(frozen=True)
class Twins:
    """The kernels of one device, and their comparison with the specification."""

    device: str  # "cpu" is the interpreter
    interpreted: Mapping[str, ModuleType]

    def load(self, name: str) -> ModuleType:
        return self.interpreted[name] if self.device == "cpu" else kernels.load(name, "gpu")

    def call(self, name: str, function: str, *arguments: Any) -> tuple[Any, list[Any]]:
        """Call a kernel on copies of the arrays; return its result and the copies as the kernel left them."""
        copies = [self.copy(each) for each in arguments]
        result = getattr(self.load(name), function)(*copies)
        return _to_numpy(result), [_to_numpy(each) for each in copies]

    def copy(self, argument: Any) -> Any:
        import torch

        if isinstance(argument, np.ndarray):
            return torch.from_numpy(argument.copy()).to(self.device)
        return argument

    def assert_agree(self, name: str, function: str, *arguments: Any, rtol: float = 0) -> Sequence[Any]:
        """Call kernel and specification on the same arrays and compare all that they return and write."""
        expected = [each.copy() if isinstance(each, np.ndarray) else each for each in arguments]
        returned = getattr(kernels.load(name, "reference"), function)(*expected)
        result, left = self.call(name, function, *arguments)
        for got, wanted in zip((*_tuple(result), *left), (*_tuple(returned), *expected), strict=True):
            if isinstance(wanted, np.ndarray):
                assert got.dtype == wanted.dtype
                np.testing.assert_allclose(got, wanted, rtol, rtol)
        return left


@pytest.fixture(params=["interpreter", pytest.param("cuda", marks=pytest.mark.gpu)])
def gpu(request: pytest.FixtureRequest, gpu_kernels: GpuKernels) -> Twins:
    """The kernels of one device."""
    torch = pytest.importorskip("torch")
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    return Twins("cpu" if request.param == "interpreter" else "cuda", gpu_kernels(interpret=True))


@pytest.fixture
def modules(gpu_kernels: GpuKernels) -> Mapping[str, ModuleType]:
    """The modules of kernels.gpu, to be compiled, whatever the interpreter is set to elsewhere."""
    return gpu_kernels(interpret=False)


def _tuple(result: Any) -> tuple[Any, ...]:
    return result if isinstance(result, tuple) else (result,)


def _to_numpy(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_to_numpy(each) for each in value)
    return value.cpu().numpy() if hasattr(value, "cpu") else value
