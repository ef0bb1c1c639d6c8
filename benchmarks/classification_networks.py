"""Networks on film reviews: what rows of wiki17 bring, by encoder and by the length of their text.

    python benchmarks/classification_networks.py [--parts choice encoders curve speed] [--seeds 5]
        [--threads 2] [--cache FOLDER]

`choice` tries settings on two tenths of MR's training texts that the rest is trained without; CHOSEN and ROWS
below were taken after trials of this kind, before any test text was asked. `encoders` trains each encoder on
all training texts with random rows and with rows of all of wiki17, and asks the test texts once. `curve` does
so for the convolution with rows of the first million words, of four and of seventeen. `speed` compares a
training step with the same network on torch.nn.Embedding and torch.optim.Adam, with the same batches. Rows
and figures of single runs are kept in FOLDER: a benchmark that was broken off goes on from there; with an
empty folder it begins anew.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

import rowspace as rs
from _jobs import first_words
from _report import data_folder, machine, write
from rowspace.corpus.labelled import LabelledTexts, open_labelled
from rowspace.nn import optim
from rowspace.tasks.classification.networks import NetworkClassifier
from rowspace.tasks.classification.networks.learner import TextLearner, targets_of
from rowspace.tasks.classification.networks.lexicon import cut

ENCODERS = ("convolution", "recurrent", "attention")
ROWS = {"dim": 200, "window": 5, "negatives": 5, "subsample": 1e-4, "epochs": 5, "seed": 1}  # of FastText
CHOSEN: dict[str, dict[str, Any]] = {  # beside the defaults of NetworkClassifier
    "random": {"epochs": 5},
    "wiki17": {"epochs": 4, "pretrained": "tuned"},
}
TRIED: tuple[dict[str, Any], ...] = (
    {"rows": "random", "epochs": 5},
    {"rows": "random", "epochs": 8},
    {"rows": "wiki17", "epochs": 4, "pretrained": "tuned"},
    {"rows": "wiki17", "epochs": 6, "pretrained": "tuned"},
    {"rows": "wiki17", "epochs": 4, "pretrained": "both"},
)
FOLDS = 2  # tenths of the training texts, each held out once
WORDS = (1, 4, 17)  # millions
Settings = dict[str, Any]


class Kept:
    """Figures of runs, in a folder, by what was run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / "figures.jsonl"
        lines = self._path.read_text().splitlines() if self._path.exists() else []
        self._figures = {json.dumps(key): figures for key, figures in map(json.loads, lines)}

    def figures(self, key: Settings, run: Callable[[], Settings]) -> Settings:
        """What the run of this name gave before, or gives now."""
        name = json.dumps(key)
        if name not in self._figures:
            self._figures[name] = run()
            with self._path.open("a") as file:
                file.write(json.dumps([key, self._figures[name]]) + "\n")
            print(name, self._figures[name], flush=True)
        return self._figures[name]

    def rows(self, millions: int, threads: int) -> tuple[rs.Table, float]:
        """The table of the first words of wiki17, and the seconds that it took to train."""
        path, corpus = self.folder / f"rows-{millions}.rows", data_folder() / "corpus" / "wiki17.txt"

        def train() -> Settings:
            with tempfile.TemporaryDirectory() as folder:
                part = first_words(corpus, 0 if millions == 17 else millions * 1_000_000, Path(folder))
                begun = time.perf_counter()
                table = rs.FastText(**ROWS).fit(part, threads=threads, progress=False)
            rs.write(table, path)
            return {"seconds": time.perf_counter() - begun, "words": len(table)}

        figures = self.figures({"rows": millions, **ROWS}, train)
        return rs.open(path), figures["seconds"]


def mr(part: str) -> LabelledTexts:
    """The film reviews."""
    return open_labelled(data_folder() / "classification" / "mr" / f"{part}.tsv")


def tenth(data: LabelledTexts, fold: int) -> tuple[LabelledTexts, LabelledTexts]:
    """The texts without a tenth, and the tenth."""
    order = np.random.default_rng(123).permutation(len(data))
    size = len(data) // 10
    held_out = np.isin(np.arange(len(data)), order[fold * size : (fold + 1) * size])
    return data.take(np.flatnonzero(~held_out)), data.take(np.flatnonzero(held_out))


def accuracy(
    recipe: NetworkClassifier, table: rs.Table | None, data: Sequence[LabelledTexts], threads: int
) -> Settings:
    """Train once and score once."""
    begun = time.perf_counter()
    model = recipe.fit(data[0], table=table, threads=threads, progress=False)
    seconds = time.perf_counter() - begun
    return {"accuracy": model.evaluate(data[1]).accuracy, "seconds": seconds}


def held_out(kept: Kept, tried: Settings, fold: int, table: rs.Table, threads: int) -> Settings:
    """A run with some settings, scored on a tenth of the training texts; "rows" are wiki17's or random."""
    settings = {name: value for name, value in tried.items() if name != "rows"}
    recipe = NetworkClassifier(**settings, seed=fold + 1)
    given = table if tried["rows"] == "wiki17" else None
    return kept.figures(
        {"fold": fold, **tried}, lambda: accuracy(recipe, given, tenth(mr("train"), fold), threads)
    )


def choice(kept: Kept, options: Any) -> list[str]:
    """Each of TRIED on held-out tenths."""
    table, _ = kept.rows(17, options.threads)
    lines = ["| settings | accuracy on held-out tenths | each |", "|---|---|---|"]
    for tried in TRIED:
        runs = [held_out(kept, tried, fold, table, options.threads)["accuracy"] for fold in range(FOLDS)]
        told = ", ".join(f"{name} {value}" for name, value in tried.items())
        lines.append(f"| {told} | {statistics.mean(runs):.4f} | {', '.join(f'{run:.4f}' for run in runs)} |")
    return lines


def runs_of(kept: Kept, options: Any, encoder: str, millions: int) -> list[Settings]:
    """A run for each seed with rows of so many million words (0: random), tested once."""
    table = kept.rows(millions, options.threads)[0] if millions else None
    chosen = CHOSEN["wiki17" if millions else "random"]
    return [
        kept.figures(
            {"test": encoder, "rows": millions, "seed": seed, **chosen},
            lambda seed=seed: accuracy(
                NetworkClassifier(encoder=encoder, seed=seed, **chosen),
                table,
                [mr("train"), mr("test")],
                options.threads,
            ),
        )
        for seed in range(1, options.seeds + 1)
    ]


def line(name: str, runs: Sequence[Settings], base: float | None) -> str:
    """Mean and spread of accuracies, what they gain over a mean, and a run's seconds."""
    found = [run["accuracy"] for run in runs]
    gain = "" if base is None else f"{100 * (statistics.mean(found) - base):+.2f}"
    seconds = statistics.median(run["seconds"] for run in runs)
    each = ", ".join(f"{value:.4f}" for value in found)
    return f"| {name} | {statistics.mean(found):.4f} | {gain} | {each} | {seconds:.0f} |"


HEAD = ["| rows | accuracy | gain, points | each seed | seconds a run |", "|---|---|---|---|---|"]


def encoders(kept: Kept, options: Any) -> list[str]:
    """Random rows and those of all of wiki17, for each encoder."""
    lines = [HEAD[0].replace("rows", "encoder, rows"), HEAD[1]]
    for encoder in options.encoders:
        random = runs_of(kept, options, encoder, 0)
        base = statistics.mean(run["accuracy"] for run in random)
        lines.append(line(f"{encoder}, random", random, None))
        lines.append(line(f"{encoder}, wiki17", runs_of(kept, options, encoder, WORDS[-1]), base))
    return lines


def curve(kept: Kept, options: Any) -> list[str]:
    """The convolution by how much text its rows come from."""
    random = runs_of(kept, options, "convolution", 0)
    base = statistics.mean(run["accuracy"] for run in random)
    lines = [*HEAD, line("random", random, None)]
    for millions in WORDS:
        table, seconds = kept.rows(millions, options.threads)
        name = f"first {millions} M words: {len(table):,} keys in {seconds:.0f} s"
        lines.append(line(name, runs_of(kept, options, "convolution", millions), base))
    return lines


class PlainRows(torch.nn.Module):
    """torch.nn.Embedding in the place of ours."""

    def __init__(self, rows: Any) -> None:
        super().__init__()
        copied = rows.weight.detach().clone()
        self.layer = torch.nn.Embedding.from_pretrained(copied, freeze=False, padding_idx=rows.padding_idx)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """The vectors of row ids."""
        return self.layer(ids)


def texts_a_second(
    encoder: str, table: rs.Table | None, data: LabelledTexts, *, plain: bool, steps: int = 40
) -> float:
    """How many texts a training learns in a second: the median of steps with batches that are alike."""
    recipe = NetworkClassifier(encoder=encoder, pretrained="tuned")
    texts = [cut(text) for text in data.texts]
    torch.manual_seed(1)
    model = recipe._model(data.names, texts, table)
    network = model.network.train()
    kind: Any = optim.Adam
    if plain:
        network.own, kind = PlainRows(network.own), torch.optim.Adam
    optimizer, times = kind(network.parameters(), recipe.learning_rate), []
    learner = TextLearner(
        network, model.lexicon.encode(texts), targets_of(data, "softmax"), "softmax", recipe.batch, None
    )
    for chosen in learner.order(np.random.default_rng(0))[:steps]:
        begun = time.perf_counter()
        optimizer.zero_grad()
        learner.loss(learner.batch(chosen))[0].backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        times.append((time.perf_counter() - begun) / len(chosen))
    return 1 / statistics.median(times[5:])


def speed(kept: Kept, options: Any) -> list[str]:
    """Both sides, alternated three times; the better of each."""
    table, data = kept.rows(17, options.threads)[0], mr("train")
    lines = [
        "| encoder | rows | rowspace, texts/s | plain torch, texts/s | ratio |", "|---|---|---|---|---|",
    ]  # fmt: skip
    for encoder in options.encoders:
        for name, given in (("random", None), ("wiki17, tuned", table)):
            rounds = [
                [texts_a_second(encoder, given, data, plain=plain) for plain in (False, True)]
                for _ in range(3)
            ]
            own, peer = (max(each) for each in zip(*rounds, strict=True))
            lines.append(f"| {encoder} | {name} | {own:,.0f} | {peer:,.0f} | {own / peer:.2f} |")
            print(lines[-1], flush=True)
    return lines


PARTS = {
    "choice": (choice, "Settings, on tenths of the training texts that the rest was trained without"),
    "encoders": (encoders, "Accuracy on the 1,066 test texts, asked once at the end"),
    "curve": (curve, "The convolution, by the text that its rows come from"),
    "speed": (speed, "Training beside the same network on torch.nn.Embedding and torch.optim.Adam"),
}


def main() -> None:
    """Measure the parts and keep the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--parts", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--encoders", nargs="+", choices=ENCODERS, default=list(ENCODERS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "classification-networks")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.cache.mkdir(parents=True, exist_ok=True)
    kept = Kept(options.cache)
    asked = f"--seeds {options.seeds} --threads {options.threads}"
    text = ["# Networks on film reviews", f"`python benchmarks/classification_networks.py {asked}`"]
    for name in options.parts:
        measure, title = PARTS[name]
        text += [f"## {title}", "\n".join(measure(kept, options))]
    write("classification_networks", "\n\n".join([*text, machine("rowspace", "torch")]) + "\n")


if __name__ == "__main__":
    main()
