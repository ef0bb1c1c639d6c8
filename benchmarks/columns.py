"""Many categorical columns: one fused lookup against one torch layer a column, and what the defaults rest on.

    python benchmarks/columns.py [--threads 2] [--repeats 20] [--seeds 6] [--no-quality]

Writes benchmarks/results/columns.md. Speed: 26 columns of 100,000 categories, dim 16, batches of 4096; a step
is forward, backward and optimiser, the sides alternated in one run. Quality: census income and MovieLens
(rating 4 or more from user and movie), log-loss on held-out rows of the training files: which rule for the
dim, and how the unknown row is best trained.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from _report import data_folder, machine, write

COLUMNS, CATEGORIES, DIM, BATCH = 26, 100_000, 16, 4096
CENSUS = ("workclass", "education", "marital_status", "occupation", "relationship", "race", "sex",
          "native_country")  # fmt: skip
WITHHELD, RARE = ("native_country", "occupation"), 0.05
NUMERIC = ("age", "education_num", "capital_gain", "capital_loss", "hours_per_week")

Step = Callable[[int], None]
Means = dict[str, float]


def sides(ids: Any) -> dict[str, Step]:
    """A whole training step of each side, by the number of the batch."""
    import torch

    from rowspace.nn import optim
    from rowspace.nn.columns import CategoricalColumns, ColumnVocabulary
    from rowspace.nn.columns.encoder import Encoder
    from rowspace.vocabulary import Words

    words = Words.from_keys([str(place) for place in range(CATEGORIES - 2)])
    encoder = Encoder(tuple(ColumnVocabulary(f"c{place}", "text", words, 1, 1) for place in range(COLUMNS)))
    gradient = torch.randn(BATCH, COLUMNS * DIM)

    def fused(make: Callable[[Any], Any]) -> Step:
        layer = CategoricalColumns(encoder, [DIM] * COLUMNS)
        optimizer = make(layer.parameters())

        def step(batch: int) -> None:
            optimizer.zero_grad()
            layer(ids[batch]).backward(gradient)
            optimizer.step()

        return step

    def one_a_column(make: Callable[[Any], Any], *, sparse: bool) -> Step:
        layers = torch.nn.ModuleList(
            torch.nn.Embedding(CATEGORIES, DIM, sparse=sparse) for _ in range(COLUMNS)
        )
        optimizer = make(layers.parameters())

        def step(batch: int) -> None:
            optimizer.zero_grad()
            parts = [layer(ids[batch][:, place]) for place, layer in enumerate(layers)]
            torch.cat(parts, 1).backward(gradient)
            optimizer.step()

        return step

    return {
        "rowspace, RowwiseAdagrad": fused(lambda rows: optim.RowwiseAdagrad(rows, 0.01)),
        "rowspace, Adam (exact)": fused(lambda rows: optim.Adam(rows, 0.001)),
        "torch, sparse, Adagrad": one_a_column(lambda rows: torch.optim.Adagrad(rows, 0.01), sparse=True),
        "torch, sparse, SparseAdam": one_a_column(
            lambda rows: torch.optim.SparseAdam(list(rows), 0.001), sparse=True
        ),
        "torch, dense, Adam (fused)": one_a_column(
            lambda rows: torch.optim.Adam(rows, 0.001, fused=True), sparse=False
        ),
    }


def speed(threads: int, repeats: int) -> str:
    """Milliseconds of a step for uniform and for Zipf ids."""
    import numpy as np
    import torch

    torch.set_num_threads(threads)
    rng, figures = np.random.default_rng(0), {}
    for name in ("uniform", "Zipf"):
        shape = (repeats + 2, BATCH, COLUMNS)
        drawn = rng.random(shape)
        places = drawn * (CATEGORIES - 2) if name == "uniform" else (CATEGORIES - 1) ** drawn - 1
        figures[name] = measure(sides(torch.from_numpy(places.astype(np.int64) + 2)), repeats)
    first = figures["uniform"]["rowspace, RowwiseAdagrad"], figures["Zipf"]["rowspace, RowwiseAdagrad"]
    lines = [
        f"{COLUMNS} columns of {CATEGORIES:,} categories, dim {DIM}, batches of {BATCH}: a step of forward, "
        f"backward and optimiser, the median of {repeats} alternated repetitions on {threads} threads. "
        "Zipf ids: density of id n proportional to 1 / n. torch's layers check no ids and replace none.",
        "",
        "| side | uniform ids, ms | times | Zipf ids, ms | times |",
        "|---|---|---|---|---|",
    ]
    for side, uniform in figures["uniform"].items():
        zipf = figures["Zipf"][side]
        lines.append(
            f"| {side} | {uniform:.1f} | {uniform / first[0]:.1f} | {zipf:.1f} | {zipf / first[1]:.1f} |"
        )
    return "\n".join(lines)


def measure(found: dict[str, Step], repeats: int) -> Means:
    """The median milliseconds of each side, in another order each time; the first two steps do not count."""
    order, rng = list(found), random.Random(0)
    times: dict[str, list[float]] = {name: [] for name in found}
    for batch in range(repeats + 2):
        rng.shuffle(order)
        for name in order:
            start = time.perf_counter()
            found[name](batch)
            times[name].append(1000 * (time.perf_counter() - start))
    return {name: statistics.median(each[2:]) for name, each in times.items()}


def read(*path: str) -> dict[str, Any]:
    """The columns of a file as text; a question mark is a missing value."""
    import numpy as np

    with data_folder().joinpath(*path).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([None if row[name] == "?" else row[name] for row in rows]) for name in rows[0]}


def census(seed: int) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
    """Columns, labels, training rows, held-out rows; half of the rare origins are not in training."""
    import numpy as np

    frame, rng = read("tabular", "adult", "train.csv"), np.random.default_rng(seed)
    labels = frame.pop("income") == ">50K"
    trains, hidden = rng.random(len(labels)) < 0.75, np.zeros(len(labels), bool)
    for name in WITHHELD:
        values, counts = np.unique(frame[name][frame[name] != None], return_counts=True)  # noqa: E711
        rare = values[counts < RARE * len(labels)]
        hidden |= np.isin(frame[name], rng.choice(rare, len(rare) // 2, replace=False))
    frame = {name: frame[name].astype(float) if name in NUMERIC else frame[name] for name in CENSUS + NUMERIC}
    options = {"columns": CENSUS, "numeric": NUMERIC, "epochs": 4, "batch": 256}
    return frame, labels, trains & ~hidden, ~trains, {"unseen": hidden, **options}


def movies(seed: int) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
    """The same for ratings: movies that nobody rated in the training part are unseen."""
    import numpy as np

    table, rng = read("recommendation", "movielens-latest-small", "ratings.csv"), np.random.default_rng(seed)
    frame = {name: table[name] for name in ("userId", "movieId")}
    trains = rng.random(len(table["rating"])) < 0.6
    unseen = ~np.isin(frame["movieId"], frame["movieId"][trains])
    options = {"epochs": 2, "batch": 512}
    return frame, table["rating"].astype(float) >= 4, trains, ~trains, {"unseen": unseen, **options}


def trial(task: Callable[..., Any], seed: int, *, uniform: bool = False, **options: Any) -> Means:
    """Held-out log-loss on rows of known categories, and on others by what stands for the unknown."""
    import torch

    frame, labels, trains, held_out, facts = task(seed)
    unseen = facts.pop("unseen")
    goal = torch.tensor(labels).float()

    def part(rows: Any) -> dict[str, Any]:
        return {name: values[rows] for name, values in frame.items()}

    layer, network = train(part(trains), goal[trains], seed, uniform, {**facts, **options})

    def loss(rows: Any) -> float:
        predicted = network(layer(*layer.encode(part(rows)))).squeeze(1)
        return torch.nn.functional.binary_cross_entropy_with_logits(predicted, goal[rows]).item()

    with torch.no_grad():
        found = {"known": loss(held_out & ~unseen), "trained": loss(held_out & unseen)}
        rows = [layer._rows(place)[0] for place in range(len(layer.names))]
        for row in rows:
            row.zero_()
        found["zero"] = loss(held_out & unseen)
        found["random"] = 0.0
        for _ in range(5):
            for row in rows:
                row.normal_(0, len(row) ** -0.5)
            found["random"] += loss(held_out & unseen) / 5
    return found


def train(frame: Any, labels: Any, seed: int, uniform: bool, options: dict[str, Any]) -> tuple[Any, Any]:
    """A layer and a small network, trained with Adam from 0.01 down to nothing."""
    import torch

    from rowspace.nn.columns import CategoricalColumns

    epochs, batch = options.pop("epochs"), options.pop("batch")
    torch.manual_seed(seed)
    layer = CategoricalColumns.fit(frame, **options)
    if uniform:  # each row as likely as any other, where the layer replaces each category equally often
        layer._unknown_rates.fill_(layer.unknown_rate)
    network = torch.nn.Sequential(
        torch.nn.Linear(layer.output_dim, 32), torch.nn.ReLU(), torch.nn.Linear(32, 1)
    )
    optimizer = torch.optim.Adam([*layer.parameters(), *network.parameters()], 0.01)
    steps = epochs * -(-len(labels) // batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
    encoded = layer.encode(frame)
    for _ in range(epochs):
        for rows in torch.randperm(len(labels)).split(batch):
            optimizer.zero_grad()
            predicted = network(layer(*(each[rows] for each in encoded))).squeeze(1)
            torch.nn.functional.binary_cross_entropy_with_logits(predicted, labels[rows]).backward()
            optimizer.step()
            schedule.step()
    return layer.eval(), network


def averaged(task: Callable[..., Any], seeds: int, **options: Any) -> tuple[Means, Means]:
    """Means over seeds, and standard errors of the gains that the trained unknown row brings."""
    found = [trial(task, seed, **options) for seed in range(seeds)]
    means = {name: statistics.mean(each[name] for each in found) for name in found[0]}
    errors = {
        name: statistics.stdev(each[name] - each["trained"] for each in found) / seeds**0.5
        for name in ("zero", "random")
    }
    return means, errors


def rules(seeds: int) -> str:
    """Held-out loss of rules for the dim."""
    from rowspace.nn.columns import deep_cross, fastai, fourth_root, rounded

    named = {
        "rounded(fourth_root)": rounded(fourth_root), "rounded(deep_cross), the default": rounded(deep_cross),
        "rounded(fastai)": rounded(fastai), "fastai": fastai, "1": 1, "4": 4, "16": 16,
    }  # fmt: skip
    lines = [
        f"Log-loss on held-out rows of known categories, means of {seeds} seeds.", "",
        "| dims | census income | MovieLens |", "|---|---|---|",
    ]  # fmt: skip
    for name, dims in named.items():
        losses = [averaged(task, seeds, dims=dims, unknown_rate=0.0)[0]["known"] for task in (census, movies)]
        lines.append(f"| {name} | {losses[0]:.4f} | {losses[1]:.4f} |")
        print(lines[-1], flush=True)
    return "\n".join(lines)


def unknown_rows(seeds: int) -> str:
    """What the unknown row is worth on rows of categories that training never had."""
    settings = [
        {"unknown_rate": 0.0}, {"unknown_rate": 0.01}, {"unknown_rate": 0.03}, {"unknown_rate": 0.1},
        {"unknown_rate": 0.03, "uniform": True}, {"unknown_rate": 0.0, "min_count": 0},
        {"unknown_rate": 0.03, "min_count": 0},
    ]  # fmt: skip
    lines = [
        f"Held-out log-loss, means of {seeds} seeds. Known: rows without a withheld category. Unseen: rows "
        "with one. Zero, random: how much more other unknown rows lose there than the trained one, ± its "
        "standard error.",
        "",
        "| data | unknown_rate | min_count | known | unseen | zero | random |",
        "|---|---|---|---|---|---|---|",
    ]
    for task, rare in ((census, 300), (movies, 3)):
        for setting in settings:
            options = setting | ({"min_count": rare} if "min_count" in setting else {})
            means, errors = averaged(task, seeds, **options)
            gains = (
                f"{means[other] - means['trained']:+.4f} ± {errors[other]:.4f}"
                for other in ("zero", "random")
            )
            rate = f"{setting['unknown_rate']}{', rows alike' if 'uniform' in setting else ''}"
            lines.append(
                f"| {task.__name__} | {rate} | {options.get('min_count', 1)} | {means['known']:.4f} | "
                f"{means['trained']:.4f} | {' | '.join(gains)} |"
            )
            print(lines[-1], flush=True)
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--no-quality", action="store_true", help="speed alone")
    arguments = parser.parse_args()
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = str(arguments.threads)  # before NumPy is imported
    parts = {"One fused lookup against a layer a column": speed(arguments.threads, arguments.repeats)}
    if not arguments.no_quality:
        import torch

        torch.set_num_threads(1)  # the networks are small
        parts["Rules for the dim"] = rules(arguments.seeds)
        parts["Training the unknown row"] = unknown_rows(arguments.seeds)
    command = (
        f"python benchmarks/columns.py --threads {arguments.threads} --repeats {arguments.repeats} "
        f"--seeds {arguments.seeds}"
    )
    head = [
        "# Categorical columns",
        "",
        f"`{command}`",
        "",
        machine("rowspace", "numpy", "numba", "torch"),
        "",
    ]
    body = [f"## {title}\n\n{text}\n" for title, text in parts.items()]
    write("columns", "\n".join([*head, *body]))


if __name__ == "__main__":
    main()
