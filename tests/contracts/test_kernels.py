"""Every kernel exists twice: the specification in kernels.reference and the fast one in kernels.cpu.

Some exist a third time, in kernels.gpu.
"""

from __future__ import annotations

import ast
import inspect
import pkgutil
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import rowspace.kernels.cpu
import rowspace.kernels.gpu
import rowspace.kernels.reference

SOURCE = Path(rowspace.kernels.__file__).parents[1]
AGREEMENT = Path(__file__).parents[1] / "agreement"


def modules_of(package: ModuleType) -> set[str]:
    return {module.name for module in pkgutil.iter_modules(package.__path__)}


def loaded_names(device: str | None = None) -> set[str]:
    """The names that the package passes to kernels.load, with `device` or any, read from its sources."""
    calls = (
        node
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "kernels.load"
    )
    names = [
        call.args[0] for call in calls if device is None or repr(device) in map(ast.unparse, call.args[1:])
    ]
    return {name.value for name in names if isinstance(name, ast.Constant) and isinstance(name.value, str)}


def public_functions(module: ModuleType) -> dict[str, Callable[..., object]]:
    """The functions that a module defines itself; of a compiled one, the Python function under it."""
    functions = {name: getattr(value, "py_func", value) for name, value in vars(module).items()}
    return {
        name: function
        for name, function in functions.items()
        if inspect.isfunction(function)
        and function.__module__ == module.__name__
        and not name.startswith("_")
    }


def parameters_of(function: Callable[..., object]) -> list[tuple[str, object]]:
    return [(each.name, each.default) for each in inspect.signature(function).parameters.values()]


REFERENCE = modules_of(rowspace.kernels.reference)
CPU = modules_of(rowspace.kernels.cpu)
GPU = modules_of(rowspace.kernels.gpu)


def test_the_package_loads_kernels_by_literal_names():
    assert loaded_names(), "no kernels.load(...) found: this test reads the sources wrongly"


def test_every_kernel_that_the_package_loads_exists_twice():
    assert loaded_names() <= REFERENCE & CPU


def test_every_specification_has_a_fast_twin():
    assert not REFERENCE - CPU


# The reference of bags works on arrays of words, the block of the kernels on one word at a time.
@pytest.mark.parametrize("name", sorted((REFERENCE & CPU) - {"bags"}))
def test_twins_agree_on_public_functions_and_their_parameters(name: str):
    fast = public_functions(import_module(f"rowspace.kernels.cpu.{name}"))
    specified = public_functions(import_module(f"rowspace.kernels.reference.{name}"))
    assert fast, f"kernels.cpu.{name} offers nothing"
    assert fast.keys() <= specified.keys(), "only in kernels.cpu"
    for function in fast:
        assert parameters_of(fast[function]) == parameters_of(specified[function]), function


@pytest.mark.parametrize("name", sorted(REFERENCE & CPU))
def test_twins_are_compared_by_an_agreement_test(name: str):
    assert (AGREEMENT / f"test_{name}.py").is_file()


@pytest.mark.parametrize(
    ("package", "name"),
    [(rowspace.kernels.cpu, name) for name in sorted(CPU - REFERENCE)]
    + [(rowspace.kernels.gpu, name) for name in sorted(GPU - REFERENCE)],
)
def test_a_module_without_a_twin_is_a_building_block_of_a_kernel(package: ModuleType, name: str):
    block = f"{package.__name__}.{name}"
    importers = {
        path.stem
        for path in Path(package.__file__).parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == block
    }
    assert importers, f"no kernel imports {block}: give it a twin in kernels.reference or remove it"


def test_the_package_loads_from_the_gpu_what_is_there():
    assert loaded_names("gpu") <= GPU & REFERENCE


@pytest.mark.parametrize("name", sorted(GPU & REFERENCE))
def test_gpu_twins_agree_on_public_functions_and_their_parameters(name: str):
    for package in ("torch", "triton"):
        pytest.importorskip(package)
    fast = public_functions(import_module(f"rowspace.kernels.gpu.{name}"))
    specified = public_functions(import_module(f"rowspace.kernels.reference.{name}"))
    assert fast, f"kernels.gpu.{name} offers nothing"
    assert fast.keys() <= specified.keys(), "only in kernels.gpu"
    for function in fast:
        assert parameters_of(fast[function]) == parameters_of(specified[function]), function


@pytest.mark.parametrize("name", sorted(GPU & REFERENCE))
def test_gpu_twins_are_compared_by_an_agreement_test(name: str):
    assert (AGREEMENT / "gpu" / f"test_{name}.py").is_file()


def test_importing_the_kernels_costs_neither_torch_nor_triton_nor_numba():
    code = "import rowspace.kernels.gpu, sys; print({'torch', 'triton', 'numba'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
