"""Two processes that train together are one process that trains on the joined batch."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch

WORKER = Path(__file__).with_name("ddp_worker.py")


def worker() -> ModuleType:
    """The worker's functions; no test module can be imported by name."""
    spec = importlib.util.spec_from_file_location("ddp_worker", WORKER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(not torch.distributed.is_gloo_available(), reason="needs gloo")
def test_rows_of_both_processes_are_those_of_one_process_on_the_joined_batch(tmp_path):
    started = [
        subprocess.Popen(
            [sys.executable, str(WORKER), str(rank), "2", str(tmp_path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in range(2)
    ]
    outputs = [process.communicate(timeout=200)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0], outputs
    alone = worker().train_all(rank=0, world=1)
    first, second = (torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in range(2))
    assert len(alone) == 6
    for name in alone:
        for mine, other, expected in zip(first[name], second[name], alone[name], strict=True):
            torch.testing.assert_close(mine, other, atol=0, rtol=0)
            torch.testing.assert_close(mine, expected, atol=1e-5, rtol=0)
