"""Every kernel compiles for a GPU, though none is here: what the interpreter lets pass may not compile."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rowspace.kernels.reference.row_settling import AdamSteps, MomentumSteps

torch = pytest.importorskip("torch")
pytest.importorskip("triton")


class Driver:
    """What Triton asks of a driver before it launches: here an H100 or H200 on which nothing runs."""

    def get_current_device(self) -> int:
        return 0

    def get_current_stream(self, device: int) -> int:
        return 0

    def get_current_target(self) -> Any:
        from triton.backends.compiler import GPUTarget

        return GPUTarget("cuda", 90, 32)


@pytest.fixture
def compiled(monkeypatch, tmp_path) -> list[str]:
    """The names of the kernels compiled so far: a launch compiles and does nothing else."""
    from triton.runtime import driver
    from triton.runtime.jit import JITFunction

    names, run = [], JITFunction.run

    def compile_only(self, *arguments, grid, warmup, **options):
        kernel = run(self, *arguments, grid=grid, warmup=True, **options)
        assert kernel.asm["cubin"]
        names.append(kernel.name)

    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(driver, "_active", Driver())
    monkeypatch.setattr(JITFunction, "run", compile_only)
    return names


# Triton makes constants of arguments that are 1, so one of everything is a case of its own.
@pytest.fixture(params=[((400, 3, 64), True), ((1, 1, 1), False)], ids=["many", "one"])
def case(request) -> tuple[tuple[int, int, int], bool]:
    """Entries, rows and dimensions; and whether coefficients, rates and decay are given."""
    return request.param


def segments(shape: tuple[int, int, int], full: bool) -> tuple[Any, ...]:
    entries, rows, dim = shape
    starts = torch.zeros(rows + 1, dtype=torch.int64)
    return starts, torch.zeros(entries, dtype=torch.int64), torch.ones(entries * full), torch.ones(rows, dim)


def test_sums_and_bags(modules, compiled, case):
    shape, full = case
    entries, rows, dim = shape
    starts, sources, coefficients, vectors = segments(shape, full)
    modules["row_sums"].sum_rows_(starts, sources, coefficients, vectors, vectors)
    places = torch.zeros(rows, dim, dtype=torch.int64)
    modules["bag_pooling"].max_of_bags_(vectors, sources, starts, vectors, places)
    out = torch.zeros(entries)
    modules["bag_pooling"].coefficient_gradients_(vectors, sources, sources, vectors, out)
    chunks = ["_sum_chunks"] if entries > 1 else []
    assert compiled == [*chunks, "_sum_segments", "_max_of_bag", "_dot_entries"]


@pytest.mark.parametrize("dtype", [torch.int32, torch.int64])
def test_the_check_of_ids(modules, compiled, case, dtype):
    shape, _ = case
    modules["id_check"].check_ids(torch.zeros(shape[0], dtype=dtype), shape[1], 1)
    assert compiled == ["_check_block", "_gather_fault"]


def test_steps(modules, compiled, case):
    shape, full = case
    _, num_rows, dim = shape
    rows, rates = torch.arange(num_rows), torch.ones(num_rows * full)
    vectors, sums = torch.ones(num_rows, dim), torch.ones(num_rows)
    common = (rows, *segments(shape, full), rates, 0.1, 0.01 * full)
    step = modules["row_steps"]
    step.sgd_(vectors, *common)
    step.momentum_(vectors, vectors, *common, 0.9, full)
    step.adagrad_(vectors, vectors, *common, 1e-8)
    step.rowwise_adagrad_(vectors, sums, *common, 1e-8)
    step.adam_(vectors, vectors, vectors, *common, 0.9, 0.99, 1e-8, 1)
    names = ["_sgd", "_momentum", "_adagrad", "_rowwise_adagrad", "_adam"]
    assert [each for each in compiled if each != "_sum_chunks"] == names


def test_settling(modules, compiled, case):
    shape, full = case
    num_steps, num_rows, dim = shape
    rows, rates = torch.arange(num_rows), torch.ones(num_rows * full)
    vectors, each, ends = torch.ones(num_rows, dim), np.ones(num_steps), np.ones(num_steps + 1)
    nodes = np.ones((num_steps, 6))
    powers, origin, reach = np.ones((num_steps + 1, 4)), 1 + 2**32 * full, 200
    adam = AdamSteps(
        origin, 0.9, 0.1, each, each, each, each, ends, powers, reach, 1 << 62 * full, nodes, nodes
    )
    common, momentum = (torch.arange(num_rows), rows, rates), MomentumSteps(origin, each, each, ends, each)
    modules["row_settling"].settle_momentum_(vectors, vectors, *common, momentum, 0, 1 + full)
    modules["row_settling"].settle_adam_(vectors, vectors, vectors, *common, adam, 0, 1 + full)
    assert compiled == ["_settle_momentum", "_settle_adam"]
