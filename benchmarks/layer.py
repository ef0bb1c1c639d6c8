"""One training step of an embedding layer, beside FBGEMM's CPU kernel and torch's optimizers, on 2 threads.

    FBGEMM_PYTHON=path/to/python python benchmarks/layer.py [--rounds 3] [--steps 30] [--cases main dim16 ...]

Writes benchmarks/results/layer.md. A step is forward, backward from a given gradient, and the update of the
rows. Each side runs in a process of its own, the sides of a case one after the other in every round; each
process draws the same batches from the same seed, takes a few steps unmeasured, and reports the median of its
steps. A figure is the median over rounds. FBGEMM (fbgemm-gpu-cpu 1.8.0 beside torch 2.13) lives in an
environment of its own, whose interpreter FBGEMM_PYTHON names; without it that column stays empty.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

BAGS, SIZE, BATCHES, UNMEASURED = 4096, 20, 8, 4

Case = dict[str, Any]
CASES: dict[str, Case] = {
    "main": {"rows": 1_000_000, "dim": 64, "ids": "zipf"},
    "rows10k": {"rows": 10_000, "dim": 64, "ids": "zipf"},
    "rows10m": {"rows": 10_000_000, "dim": 64, "ids": "zipf"},
    "dim16": {"rows": 1_000_000, "dim": 16, "ids": "zipf"},
    "dim256": {"rows": 1_000_000, "dim": 256, "ids": "zipf"},
    "uniform": {"rows": 1_000_000, "dim": 64, "ids": "uniform"},
    "no bags": {"rows": 1_000_000, "dim": 64, "ids": "zipf", "bags": False},
}
SIDES = ("RowwiseAdagrad", "FBGEMM", "Adam", "SparseAdam", "dense Adam")


def batches(case: Case) -> list[Any]:
    """Ids of each batch, int64 (BAGS, SIZE): with "zipf" the row of rank r comes with probability ~ 1 / r."""
    import numpy as np
    import torch

    rng = np.random.default_rng(1)
    name_of_rank = rng.permutation(case["rows"])
    if case["ids"] == "zipf":
        shares = np.cumsum(1.0 / np.arange(1, case["rows"] + 1))
        ranks = [
            np.searchsorted(shares, rng.random((BAGS, SIZE)) * shares[-1]).clip(max=case["rows"] - 1)
            for _ in range(BATCHES)
        ]
    else:
        ranks = [rng.integers(0, case["rows"], (BAGS, SIZE)) for _ in range(BATCHES)]
    return [torch.from_numpy(name_of_rank[each]) for each in ranks]


def by_layer(layer: Any, optimizer: Any, outputs: Any) -> Callable[[Any], None]:
    """A step of a torch layer with an optimizer."""

    def step(ids: Any) -> None:
        layer(ids).backward(outputs)
        optimizer.step()
        optimizer.zero_grad()

    return step


def by_fbgemm(case: Case, outputs: Any) -> Callable[[Any], None]:
    """A step of FBGEMM's table, whose backward pass is the update too."""
    import torch
    from fbgemm_gpu.split_embedding_configs import EmbOptimType
    from fbgemm_gpu.split_table_batched_embeddings_ops_common import EmbeddingLocation, PoolingMode
    from fbgemm_gpu.split_table_batched_embeddings_ops_training import (
        ComputeDevice,
        SplitTableBatchedEmbeddingBagsCodegen,
    )

    table = SplitTableBatchedEmbeddingBagsCodegen(
        [(case["rows"], case["dim"], EmbeddingLocation.HOST, ComputeDevice.CPU)],
        optimizer=EmbOptimType.EXACT_ROWWISE_ADAGRAD,
        learning_rate=0.01,
        eps=1e-8,
        pooling_mode=PoolingMode.SUM,
    )
    table.init_embedding_weights_uniform(-0.01, 0.01)
    offsets = torch.arange(0, BAGS * SIZE + 1, SIZE)
    return lambda ids: table(ids.reshape(-1), offsets).backward(outputs)


def side_of(name: str, case: Case) -> Callable[[Any], None]:
    """The step of one side."""
    import torch

    bags = case.get("bags", True)
    outputs = torch.randn(BAGS, case["dim"]) if bags else torch.randn(BAGS, SIZE, case["dim"])
    if name == "FBGEMM":
        return by_fbgemm(case, outputs)
    options = {"mode": "sum"} if bags else {}
    if name in {"RowwiseAdagrad", "Adam"}:
        from rowspace import nn as rnn

        layer = (rnn.EmbeddingBag if bags else rnn.Embedding)(case["rows"], case["dim"], **options)
        return by_layer(layer, getattr(rnn.optim, name)(layer.parameters(), lr=0.01), outputs)
    kind, sparse = torch.nn.EmbeddingBag if bags else torch.nn.Embedding, name == "SparseAdam"
    layer = kind(case["rows"], case["dim"], sparse=sparse, **options)
    if sparse:
        return by_layer(layer, torch.optim.SparseAdam(layer.parameters(), lr=0.01), outputs)
    return by_layer(layer, torch.optim.Adam(layer.parameters(), lr=0.01, fused=True), outputs)


def measure(name: str, case: Case, steps: int, threads: int) -> float:
    """The median milliseconds of a step, in this process."""
    import torch

    torch.manual_seed(0)
    torch.set_num_threads(threads)
    every, step = batches(case), side_of(name, case)
    took = []
    for place in range(UNMEASURED + steps):
        begun = time.perf_counter()
        step(every[place % BATCHES])
        took.append(1e3 * (time.perf_counter() - begun))
    return statistics.median(took[UNMEASURED:])


def run(name: str, case: Case, steps: int, threads: int) -> float | None:
    """`measure` in a process of its own; None where FBGEMM's environment is not named."""
    python = os.environ.get("FBGEMM_PYTHON") if name == "FBGEMM" else sys.executable
    if python is None or (name == "FBGEMM" and not case.get("bags", True)):
        return None
    if name == "dense Adam":
        steps = min(steps, 5 if case["rows"] > 1_000_000 else 10)
    job = json.dumps({"name": name, "case": case, "steps": steps, "threads": threads})
    settings = os.environ | {"OMP_NUM_THREADS": str(threads)}
    told = subprocess.run(
        [python, __file__, "--work", job], stdout=subprocess.PIPE, text=True, check=True, env=settings
    )
    return float(told.stdout.splitlines()[-1])


def report(found: dict[str, dict[str, float | None]], rounds: int, steps: int, threads: int) -> str:
    """The page."""
    from _report import machine

    lines = [
        "# A training step of an embedding layer",
        "",
        f"`FBGEMM_PYTHON=... python benchmarks/layer.py --rounds {rounds} --steps {steps}` on",
        f"{threads} threads.",
        machine("rowspace", "torch", "numba"),
        "FBGEMM is fbgemm-gpu-cpu 1.8.0 with torch 2.13. Milliseconds a step: forward, backward and update",
        f"of {BAGS} bags of {SIZE} ids; medians of {rounds} rounds. Zipf: the row of rank r comes with "
        "probability ~ 1 / r.",
        "",
        "| rows, dim, ids | our RowwiseAdagrad | FBGEMM row-wise AdaGrad | ratio | our Adam | SparseAdam "
        "| ratio | dense Adam, fused | ratio |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, row in found.items():
        case = CASES[name]
        title = f"{case['rows']:,}, {case['dim']}, {case['ids']}" + (
            "" if case.get("bags", True) else ", no bags"
        )
        figures = [row[side] for side in SIDES]
        adagrad, fbgemm, adam, sparse, dense = figures
        lines.append(
            f"| {title} | {_ms(adagrad)} | {_ms(fbgemm)} | {_times(fbgemm, adagrad)} | {_ms(adam)} "
            f"| {_ms(sparse)} | {_times(sparse, adam)} | {_ms(dense)} | {_times(dense, adam)} |"
        )
    return "\n".join([*lines, ""])


def _ms(figure: float | None) -> str:
    return "" if figure is None else f"{figure:.1f}"


def _times(theirs: float | None, ours: float | None) -> str:
    return "" if theirs is None or ours is None else f"{theirs / ours:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cases", nargs="*", default=list(CASES), choices=list(CASES))
    parser.add_argument("--work", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        print(measure(**json.loads(given.work)))
        return
    runs: dict[tuple[str, str], list[float | None]] = {}
    for _ in range(given.rounds):
        for case in given.cases:
            for side in SIDES:
                took = run(side, CASES[case], given.steps, given.threads)
                print(case, side, took, flush=True)
                runs.setdefault((case, side), []).append(took)
    found = {case: {side: _median(runs[case, side]) for side in SIDES} for case in given.cases}
    from _report import write

    write("layer", report(found, given.rounds, given.steps, given.threads))


def _median(figures: list[float | None]) -> float | None:
    return statistics.median(each for each in figures if each is not None) if None not in figures else None


if __name__ == "__main__":
    main()
