"""Exact top-10 of 1,000,000 x 100 float32: rowspace, NumPy, torch and faiss, alternated in one run.

    python benchmarks/search.py [--threads 2] [--repeats 15]

Writes benchmarks/results/search.md. Each figure is the median of its repetitions; in each repetition every
side runs once, so that a machine that drifts drifts for all. Norms are part of nobody's time: rowspace's
index, faiss's index and the unit rows of the others are made before. Nor is what an index comes to keep
once it has been asked often, a sketch of one byte a number; the page says what that took, and "no sketch"
is the same index without it.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable

from _report import machine, write

ROWS, DIM, K = 1_000_000, 100, 10


def sides(
    metric: str, threads: int
) -> tuple[dict[str, Callable[[int], object]], Callable[[int], None], Callable[[], float]]:
    """Each side as a function of the number of queries, a check that all agree, and a warm-up."""
    import faiss
    import numpy as np
    import torch

    from rowspace.search import ExactIndex

    torch.set_num_threads(threads)
    faiss.omp_set_num_threads(threads)
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((ROWS, DIM), dtype=np.float32)
    queries = rng.standard_normal((100, DIM), dtype=np.float32)
    index = ExactIndex(vectors, metric, threads=threads)
    plain = ExactIndex(vectors, metric, threads=threads, sketch=False)
    units = vectors
    if metric == "cosine":
        units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    flat = faiss.IndexFlatIP(DIM)
    flat.add(units)
    torch_units, torch_queries = torch.from_numpy(units), torch.from_numpy(queries)

    def by_numpy(count: int) -> np.ndarray:
        scores = (units @ queries[0])[None] if count == 1 else queries[:count] @ units.T
        best = np.argpartition(scores, -K, axis=1)[:, -K:]
        order = np.argsort(-np.take_along_axis(scores, best, 1), axis=1)
        return np.take_along_axis(best, order, 1)

    def by_torch(count: int) -> np.ndarray:
        scores = (
            (torch_units @ torch_queries[0])[None] if count == 1 else torch_queries[:count] @ torch_units.T
        )
        return torch.topk(scores, K).indices.numpy()

    found = {
        "rowspace": lambda count: index.search(queries[:count], K).ids,
        "rowspace, no sketch": lambda count: plain.search(queries[:count], K).ids,
        "NumPy": by_numpy,
        "torch": by_torch,
        "faiss IndexFlatIP": lambda count: flat.search(queries[:count], K)[1],
    }

    def warm_up() -> float:
        """Ask one query at a time until the sketch is drawn; the milliseconds of the slowest search."""
        times = []
        for _ in range(25):
            start = time.perf_counter()
            index.search(queries[:1], K)
            times.append(1000 * (time.perf_counter() - start))
        return max(times)

    def check(count: int) -> None:
        for name, side in found.items():
            shared = np.mean(side(count) == found["rowspace"](count))
            if shared < 0.99:
                raise SystemExit(f"{name} finds other rows: {shared:.3f} the same")

    return found, check, warm_up


def measure(found: dict[str, Callable[[int], object]], count: int, repeats: int) -> dict[str, float]:
    """The median milliseconds of each side, in another order each time.

    Threads of torch and faiss go on spinning for a while after their work, and whoever comes next pays.
    """
    order, rng = list(found), random.Random(0)
    times: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(repeats):
        rng.shuffle(order)
        for name in order:
            start = time.perf_counter()
            found[name](count)
            times[name].append(1000 * (time.perf_counter() - start))
    return {name: statistics.median(each) for name, each in times.items()}


def report(
    figures: dict[tuple[str, int], dict[str, float]], first: float, arguments: argparse.Namespace
) -> str:
    """The figures as a Markdown page."""
    names = list(next(iter(figures.values())))
    lines = [
        "# Exact top-10 of 1,000,000 x 100 float32, milliseconds",
        "",
        f"`python benchmarks/search.py --threads {arguments.threads} --repeats {arguments.repeats}`",
        "",
        f"{machine('rowspace', 'numpy', 'numba', 'torch', 'faiss-cpu')} Medians of {arguments.repeats} "
        f"alternated repetitions, {arguments.threads} threads each.",
        "",
        f"rowspace's sketch takes {ROWS * (DIM + 8) / 1e6:.0f} MB beside the rows' "
        f"{ROWS * DIM * 4 / 1e6:.0f} MB. The search that drew it, "
        f"Numba's import included, took {first:.0f} ms.",
        "",
        "| metric | queries | " + " | ".join(names) + " | fastest peer / rowspace |",
        "|---|---|" + "---|" * (len(names) + 1),
    ]
    for (metric, count), times in figures.items():
        ratio = min(times[name] for name in names if not name.startswith("rowspace")) / times["rowspace"]
        shown = " | ".join(f"{times[name]:.1f}" for name in names)
        lines.append(f"| {metric} | {count} | {shown} | {ratio:.2f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=15)
    arguments = parser.parse_args()
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = str(arguments.threads)  # before NumPy is imported
    figures, first = {}, 0.0
    for metric in ("dot", "cosine"):
        found, check, warm_up = sides(metric, arguments.threads)
        slowest = warm_up()
        first = first or slowest  # later ones find Numba loaded
        for count in (1, 10, 100):
            check(count)
            figures[metric, count] = measure(found, count, arguments.repeats)
    write("search", report(figures, first, arguments))


if __name__ == "__main__":
    main()
