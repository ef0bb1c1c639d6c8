"""A training step of output layers over many rows: full, sampled and adaptive softmax, ours and torch's.

    python benchmarks/heads.py [--threads 2] [--repeats 15] [--rows 20000 200000]

Writes benchmarks/results/heads.md. A step is forward, backward (to the hidden vectors too) and the
optimiser's step, for 1024 positions of dim 128 whose targets follow Zipf's law. Each figure is the best of
its repetitions, as other work on the machine only ever adds; in each repetition every side steps once, so
that a machine that drifts drifts for all.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Callable
from typing import Any

from _report import machine, write

DIM, BATCH, SAMPLED = 128, 1024, 1000
HAND_MADE = [2000, 10_000]  # cutoffs as one would guess them
DIV_VALUE = 2.0  # a third tail of width 16; torch's default would leave it 2
WARM_UP = 3

Side = tuple[Callable[[Any, Any], Any], Any]  # the loss of hidden vectors and targets, and the optimiser


def sides(num_rows: int) -> tuple[dict[str, Side], list[int]]:
    """Each side by its name, and the cutoffs that were chosen."""
    import numpy as np
    import torch

    from rowspace.nn import Embedding, optim
    from rowspace.nn.heads import (
        AdaptiveSoftmax,
        Distinct,
        LogUniform,
        SampledSoftmax,
        TiedOutput,
        choose_cutoffs,
    )

    cross_entropy = torch.nn.functional.cross_entropy
    counts = 10**9 // np.arange(1, num_rows + 1)
    cutoffs = choose_cutoffs(counts, DIM, batch_size=BATCH, div_value=DIV_VALUE)
    found: dict[str, Side] = {}

    def logits_head(name: str, head: torch.nn.Module, optimizer: Any) -> None:
        found[name] = (lambda hidden, targets: cross_entropy(head(hidden), targets), optimizer)

    def loss_head(name: str, head: torch.nn.Module, optimizer: Any) -> None:
        found[name] = (lambda hidden, targets: head(hidden, targets).loss, optimizer)

    def fused_adam(head: torch.nn.Module) -> torch.optim.Optimizer:
        return torch.optim.Adam(head.parameters(), fused=True)

    linear = torch.nn.Linear(DIM, num_rows)
    logits_head("torch Linear + cross_entropy, fused Adam", linear, fused_adam(linear))
    tied = TiedOutput(Embedding(num_rows, DIM))
    logits_head("TiedOutput + cross_entropy, our Adam", tied, optim.Adam(tied.parameters()))
    for name, ends in (("hand-made", HAND_MADE), ("chosen", cutoffs)):
        theirs = torch.nn.AdaptiveLogSoftmaxWithLoss(DIM, num_rows, ends, div_value=DIV_VALUE)
        loss_head(f"torch AdaptiveLogSoftmaxWithLoss, {name} cutoffs, fused Adam", theirs, fused_adam(theirs))
    ours = AdaptiveSoftmax(DIM, num_rows, cutoffs, div_value=DIV_VALUE)
    loss_head("AdaptiveSoftmax, chosen cutoffs, our Adam", ours, optim.Adam(ours.parameters()))
    for label, make in (("Adam", optim.Adam), ("row-wise AdaGrad", optim.RowwiseAdagrad)):
        sampled = SampledSoftmax.untied(num_rows, DIM, Distinct(LogUniform(num_rows)), SAMPLED)
        loss_head(f"SampledSoftmax, {SAMPLED} rows, our {label}", sampled, make(sampled.parameters()))
    return found, cutoffs


def measure(found: dict[str, Side], num_rows: int, repeats: int) -> dict[str, float]:
    """The least milliseconds of a step of each side; the sides take turns in another order each time."""
    import torch

    generator, rng = torch.Generator().manual_seed(0), random.Random(0)
    odds = 1 / torch.arange(1, num_rows + 1, dtype=torch.float64)
    times: dict[str, list[float]] = {name: [] for name in found}
    order = list(found)
    for _ in range(WARM_UP + repeats):
        hidden = torch.randn(BATCH, DIM, generator=generator).requires_grad_()
        targets = torch.multinomial(odds, BATCH, replacement=True, generator=generator)
        rng.shuffle(order)
        for name in order:
            loss, optimizer = found[name]
            start = time.perf_counter()
            optimizer.zero_grad()
            loss(hidden, targets).backward()
            optimizer.step()
            times[name].append(1000 * (time.perf_counter() - start))
            optimizer.zero_grad()
            hidden.grad = None
    return {name: min(each[WARM_UP:]) for name, each in times.items()}


def report(
    figures: dict[int, dict[str, float]], cutoffs: dict[int, list[int]], arguments: argparse.Namespace
) -> str:
    """The figures as a Markdown page."""
    sizes = list(figures)
    full = next(iter(figures[sizes[0]]))
    chosen = "; ".join(f"{ends} of {size:,} rows" for size, ends in cutoffs.items())
    lines = [
        "# A training step of output layers, milliseconds",
        "",
        f"`python benchmarks/heads.py --threads {arguments.threads} --repeats {arguments.repeats}"
        f" --rows {' '.join(map(str, sizes))}`",
        "",
        f"{machine('rowspace', 'numpy', 'numba', 'torch')} Best of {arguments.repeats} alternated "
        f"repetitions, {arguments.threads} threads. {BATCH} positions of dim {DIM}, Zipf targets; forward, "
        "backward and the optimiser's step; in brackets how many times as fast as the first line.",
        "",
        f"Chosen cutoffs: {chosen}. Hand-made ones: {HAND_MADE}. div_value is {DIV_VALUE:g} on both sides.",
        "",
        "| side | " + " | ".join(f"{size:,} rows" for size in sizes) + " |",
        "|---|" + "---|" * len(sizes),
    ]
    for name in figures[sizes[0]]:
        shown = (
            f"{figures[size][name]:.1f} ({figures[size][full] / figures[size][name]:.1f})" for size in sizes
        )
        lines.append(f"| {name} | {' | '.join(shown)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--rows", type=int, nargs="+", default=[20_000, 200_000])
    arguments = parser.parse_args()
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = str(arguments.threads)  # before NumPy is imported
    import torch

    torch.set_num_threads(arguments.threads)
    figures, cutoffs = {}, {}
    for num_rows in arguments.rows:
        found, cutoffs[num_rows] = sides(num_rows)
        figures[num_rows] = measure(found, num_rows, arguments.repeats)
    write("heads", report(figures, cutoffs, arguments))


if __name__ == "__main__":
    main()
