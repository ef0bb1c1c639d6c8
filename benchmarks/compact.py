"""Compact tables: how much loss each kind pays for fewer parameters, beside a full table and one-hot vectors.

    python benchmarks/compact.py [--examples 200000]

The task is to tell the next word, if it is one of the 1,000 most frequent, from the three before it. It has
what compact tables are for: tens of thousands of keys, a few of them in every sentence and most of them rare.
Only the table of the three words differs between the sides; the network behind it is the same. Trained are
the first `--examples` of the first million words of wiki17, for one epoch; the learning rate of each table
is the best on articles that lie apart, and the loss reported is that on others again. Words that
occur once share a row.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812

from _jobs import peak_megabytes
from _report import data_folder, machine, write
from rowspace import nn as rnn
from rowspace.nn import optim
from rowspace.nn.compact import (
    HashedEmbedding,
    LowRankEmbedding,
    MixedDimEmbedding,
    NestedEmbedding,
    QuotientRemainderEmbedding,
    TensorTrainEmbedding,
    nested_loss,
)
from rowspace.nn.one_hot import OneHot

DIM, CONTEXT, CLASSES, HIDDEN = 64, 3, 1_000, 64
BATCH, RATE_OF_NETWORK = 1_024, 0.003
PREFIXES = [1, 4, 16, 64]
START = DIM**-0.5  # every table starts with the spread of rnn.Embedding.from_vocabulary

Examples = tuple[torch.Tensor, torch.Tensor]  # contexts (examples, CONTEXT), next words (examples,)


@dataclass(frozen=True)
class Data:
    """Row ids by falling count, and examples."""

    counts: np.ndarray
    train: Examples
    valid: Examples
    test: Examples


@dataclass(frozen=True)
class Run:
    """One trained side; a nested table has a loss for each prefix."""

    parameters: int
    rate: float
    valid: list[float]
    test: list[float]
    milliseconds: float  # a step


DATA: list[Data] = []  # what workers inherit when they are forked


def read(examples: int) -> Data:
    """The words of wiki1, and examples from it and from the articles that lie apart."""
    folder = data_folder() / "corpus"
    texts = [
        (folder / f"{name}.txt").read_text().splitlines() for name in ("wiki1", "wiki.valid", "wiki.test")
    ]
    counted = Counter(word for line in texts[0] for word in line.split())
    classes = {word: place for place, (word, _) in enumerate(counted.most_common(CLASSES))}
    kept = Counter({word: count for word, count in counted.items() if count > 1})
    kept["<rare>"] = len(counted) - len(kept)
    rows = {word: row for row, (word, _) in enumerate(kept.most_common())}
    limits = (examples, 50_000, 100_000)
    parts = [examples_of(lines, rows, classes, limit) for lines, limit in zip(texts, limits, strict=True)]
    return Data(np.array(sorted(kept.values(), reverse=True)), *parts)


def examples_of(lines: list[str], rows: dict[str, int], classes: dict[str, int], limit: int) -> Examples:
    contexts, following = [], []
    for line in lines:
        words = line.split()
        ids = [rows.get(word, rows["<rare>"]) for word in words]
        for place in range(CONTEXT, len(words)):
            if words[place] in classes:
                contexts.append(ids[place - CONTEXT : place])
                following.append(classes[words[place]])
        if len(following) >= limit:
            break
    return torch.tensor(contexts[:limit]), torch.tensor(following[:limit])


class OneHotTable(torch.nn.Module):
    """What stood in place of an embedding: one-hot vectors and a linear map of them."""

    def __init__(self, rows: int, *, written_out: bool = False) -> None:
        super().__init__()
        self.one_hot, self.linear = OneHot(rows), torch.nn.Linear(rows, DIM, bias=False)
        torch.nn.init.normal_(self.linear.weight, 0, START)
        self.written_out = written_out

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """The columns of the map at the ids: looked up, or multiplied by ones and zeros."""
        vectors = self.one_hot(ids)
        return self.linear(vectors.to_dense() if self.written_out else vectors)


def sides(counts: np.ndarray) -> dict[str, Callable[[], torch.nn.Module]]:
    """Every table by what the report calls it, largest first within a kind."""
    rows = len(counts)
    made: dict[str, Callable[[], torch.nn.Module]] = {
        "Embedding": lambda: rnn.Embedding(rows, DIM, init="normal_scaled"),
        "OneHot and Linear": lambda: OneHotTable(rows),
    }
    for part in (4, 16, 64):
        made[f"HashedEmbedding, {rows // part:,} rows, 2 hashes"] = lambda part=part: HashedEmbedding(
            rows, DIM, rows // part, std=START
        )
    for part in (4, 16, 64):
        made[f"QuotientRemainderEmbedding, {rows // part:,} remainders"] = lambda part=part: (
            QuotientRemainderEmbedding(rows, DIM, rows // part, std=START)
        )
    for rank in (16, 4, 1):
        made[f"LowRankEmbedding, rank {rank}"] = lambda rank=rank: LowRankEmbedding(
            rows, DIM, rank, std=START
        )
    for temperature in (0.15, 0.35, 0.6):
        made[f"MixedDimEmbedding, temperature {temperature}"] = lambda temperature=temperature: (
            MixedDimEmbedding.from_counts(counts, DIM, temperature=temperature, std=START)
        )
    for rank in (32, 16, 8):
        made[f"TensorTrainEmbedding, rank {rank}"] = lambda rank=rank: TensorTrainEmbedding(
            rows, DIM, rank, std=START
        )
    made["NestedEmbedding"] = lambda: NestedEmbedding(rows, DIM, PREFIXES, std=START)
    return made


def network() -> torch.nn.Module:
    """The part that all sides share: the vectors of the context to scores of the next word."""
    return torch.nn.Sequential(
        torch.nn.Flatten(),
        torch.nn.Linear(CONTEXT * DIM, HIDDEN),
        torch.nn.Tanh(),
        torch.nn.Linear(HIDDEN, CLASSES),
    )


def train(build: Callable[[], torch.nn.Module], data: Data, rate: float, seed: int = 1) -> Run:
    """One epoch with learning rates that fall to zero."""
    torch.manual_seed(seed)
    table, behind = build(), network()
    nested = isinstance(table, NestedEmbedding)
    # A projection gets gradient in every step, as the network does, and rows only when they are met.
    shared = [each for name, each in table.named_parameters() if "projection" in name]
    rows = [each for name, each in table.named_parameters() if "projection" not in name]
    groups = [
        {"params": rows, "lr": rate},
        {"params": [*shared, *behind.parameters()], "lr": RATE_OF_NETWORK},
    ]
    step = optim.Adam(groups)
    batches = list(batches_of(data.train))
    schedule = torch.optim.lr_scheduler.LinearLR(step, 1.0, 0.0, total_iters=len(batches))
    begun = time.perf_counter()
    for contexts, following in batches:
        step.zero_grad()
        loss_of = lambda vectors: F.cross_entropy(behind(vectors), following)  # noqa: E731, B023
        vectors = table(contexts)
        loss = nested_loss(loss_of, vectors, dims=PREFIXES) if nested else loss_of(vectors)
        loss.backward()
        step.step()
        schedule.step()
    milliseconds = 1000 * (time.perf_counter() - begun) / len(batches)
    widths = PREFIXES if nested else [DIM]
    valid, test = (
        [held_out_loss(table, behind, part, width) for width in widths] for part in (data.valid, data.test)
    )
    return Run(parameters_of(table), rate, valid, test, milliseconds)


def batches_of(examples: Examples) -> Iterator[Examples]:
    order = torch.randperm(len(examples[1])).split(BATCH)
    return ((examples[0][places], examples[1][places]) for places in order)


@torch.no_grad()
def held_out_loss(table: torch.nn.Module, behind: torch.nn.Module, examples: Examples, width: int) -> float:
    """The mean loss in nats with the first `width` values of every vector."""
    total = 0.0
    for contexts, following in zip(*(part.split(8_192) for part in examples), strict=True):
        vectors = F.pad(table(contexts)[..., :width], (0, DIM - width))
        total += F.cross_entropy(behind(vectors), following, reduction="sum").item()
    return total / len(examples[1])


def parameters_of(table: torch.nn.Module) -> int:
    return sum(each.numel() for each in table.parameters())


def best(build: Callable[[], torch.nn.Module], data: Data) -> Run:
    """The run with the lowest last validation loss; learning rates are tried around the best of them."""
    runs = {power: train(build, data, rate_of(power)) for power in (-1, 0, 1)}
    while True:
        lowest = min(runs, key=lambda power: runs[power].valid[-1])
        untried = {lowest - 1, lowest + 1} - runs.keys()
        if not untried:
            return runs[lowest]
        runs |= {power: train(build, data, rate_of(power)) for power in untried}


def rate_of(power: int) -> float:
    """Learning rates a factor of about three apart: 0.003, 0.01, 0.03, 0.1 and so on."""
    return float(f"{10 ** ((power - 3) / 2):.0e}")


COSTS = {
    "rnn.Embedding": lambda rows: rnn.Embedding(rows, DIM),
    "OneHot, then Linear (a lookup)": OneHotTable,
    "OneHot written out, then Linear": lambda rows: OneHotTable(rows, written_out=True),
}


def cost(side: str, rows: int, steps: int = 20) -> dict[str, float]:
    """Milliseconds of a step and the peak memory that steps add, in this process, on one thread."""
    torch.set_num_threads(1)
    if rows > 1:
        cost(side, 1, steps=1)  # loads the compiled kernels, which are no cost of the table
    before = peak_megabytes()
    table, behind = COSTS[side](rows), network()
    step = optim.Adam([*table.parameters(), *behind.parameters()])
    times = []
    for _ in range(steps):
        contexts, following = torch.randint(0, rows, (BATCH, CONTEXT)), torch.randint(0, CLASSES, (BATCH,))
        begun = time.perf_counter()
        step.zero_grad()
        F.cross_entropy(behind(table(contexts)), following).backward()
        step.step()
        times.append(time.perf_counter() - begun)
    return {"ms": 1000 * float(np.median(times)), "mb": peak_megabytes() - before}


def cost_lines(rows: int) -> list[str]:
    """A line for each of COSTS, each in a process of its own."""
    lines = ["| side | ms a step | peak MB beyond the start |", "|---|---|---|"]
    for side in COSTS:
        command = [sys.executable, __file__, "--work", json.dumps([side, rows])]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        found = json.loads(done.stdout.splitlines()[-1])
        lines.append(f"| {side} | {found['ms']:.1f} | {found['mb']:.0f} |")
    return lines


def losses_of(name: str) -> list[str]:
    """The lines of one side: one for each prefix of the nested table. A worker inherits DATA."""
    torch.set_num_threads(1)
    data, build = DATA[0], sides(DATA[0].counts)[name]
    few = replace(data, train=(data.train[0][: 2 * BATCH], data.train[1][: 2 * BATCH]))
    train(build, few, rate=0.01)  # loads the compiled kernels, which is no part of a step
    run, full = best(build, data), len(data.counts) * DIM
    again = train(build, data, run.rate, seed=2)
    widths = PREFIXES if len(run.test) > 1 else [DIM]
    lines = []
    for width, *tests in zip(widths, run.test, again.test, strict=True):
        label = name if width == DIM else f"{name}, its first {width}"
        parameters = run.parameters * width // DIM
        lines.insert(
            0,
            f"| {label} | {parameters:,} | 1/{full / parameters:.3g} | {run.rate:g} | {tests[0]:.3f}, "
            f"{tests[1]:.3f} | {min(run.milliseconds, again.milliseconds):.1f} |",
        )
    print("\n".join(lines), flush=True)
    return lines


def loss_lines(data: Data) -> list[str]:
    """The lines of all sides, two at a time on a thread each."""
    DATA.append(data)
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
        found = [line for lines in pool.map(losses_of, sides(data.counts)) for line in lines]
    return [
        "| table | parameters | of full | learning rate | test loss, two seeds | ms a step |",
        "|---|---|---|---|---|---|",
        *found,
    ]


def main() -> None:
    """Train every side and keep the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--work", type=json.loads, help=argparse.SUPPRESS)
    parser.add_argument("--examples", type=int, default=200_000)
    options = parser.parse_args()
    if options.work:
        print(json.dumps(cost(*options.work)))
        return
    begun = time.perf_counter()
    data = read(options.examples)
    losses, costs = loss_lines(data), cost_lines(len(data.counts))
    write(
        "compact",
        "# Compact tables\n\n"
        f"`python benchmarks/compact.py --examples {options.examples}`\n\n"
        f"The next of {CLASSES:,} words from the three before it, {len(data.counts):,} rows of dim {DIM}, "
        f"{len(data.train[1]):,} examples once. Loss in nats on {len(data.test[1]):,} examples, from other "
        "articles than those that chose the learning rate.\n\n" + "\n".join(losses) + "\n\n"
        f"What one-hot vectors cost, for one step of {BATCH:,} examples:\n\n" + "\n".join(costs) + "\n\n"
        f"Two sides at a time, one thread each, {time.perf_counter() - begun:.0f} s in all. "
        f"{machine('rowspace', 'torch', 'numpy')}\n",
    )


if __name__ == "__main__":
    main()
