"""Hierarchical softmax against gensim: speed, memory, quality and held-out loss of the same job.

    python benchmarks/hierarchical.py [--models skipgram cbow] [--rates 0.025 0.05] [--words 4000000]

Each side runs in a process of its own, in turn, on the first `--words` words of wiki17 (0: all of it), with
2 threads: `_jobs.py` says what is timed. Numba's cache is warm. Both tables are scored by the same code. The
held-out loss is that of wiki.valid.txt in nats a prediction, along the side's own tree: for skip-gram of a
token given one neighbour, for CBOW given the mean of its neighbours, the windows drawn once for all sides.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import _jobs
from _jobs import SCORES, Figures
from _report import data_folder, machine, write
from models import first_words

SETTINGS = {"dim": 100, "window": 5, "subsample": 1e-3, "min_count": 5}
CHECKS = ("RG-65", "MC-30")
TARGETS = 30_000  # tokens of the held-out text that are predicted


def train_rowspace(job: dict[str, Any]) -> Figures:
    """Train and save as .rows."""
    import rowspace as rs
    from rowspace.training import huffman

    recipe = rs.Word2Vec(
        model=job["model"], loss="hierarchical", epochs=job["epochs"], seed=job["seed"], **job["settings"]
    )
    table = recipe.fit(job["corpus"], threads=job["threads"], progress=False, context=True)
    rs.write(rs.Table(table.vocabulary, table.store, table.metadata), job["output"] + ".rows")
    figures = {"training": table.metadata["training_seconds"]}

    def after() -> None:
        tree = huffman.paths(table.counts)
        nodes = table.context.gather(np.arange(table.context.shape[0]))
        figures["held_out"] = held_out(job, table.keys, table.vectors, nodes, tree)

    job["after"] = after
    return figures


def train_gensim(job: dict[str, Any]) -> Figures:
    """Train from corpus_file, gensim's fastest way, and save its own format."""
    from gensim.models import Word2Vec

    from rowspace.training.huffman import Paths

    asked = job["settings"]
    model = Word2Vec(
        sg=int(job["model"] == "skipgram"), hs=1, negative=0, vector_size=asked["dim"],
        window=asked["window"], sample=asked["subsample"], min_count=asked["min_count"],
        alpha=asked["learning_rate"], workers=job["threads"], seed=job["seed"], epochs=job["epochs"],
    )  # fmt: skip
    model.build_vocab(corpus_file=job["corpus"])
    begin = time.perf_counter()
    model.train(
        corpus_file=job["corpus"], total_examples=model.corpus_count, total_words=model.corpus_total_words,
        epochs=job["epochs"],
    )  # fmt: skip
    figures = {"training": time.perf_counter() - begin}
    model.wv.save(job["output"] + ".kv")

    def after() -> None:
        model.wv.save_word2vec_format(job["output"] + ".bin", binary=True)
        keys = model.wv.index_to_key
        codes, points = ([model.wv.get_vecattr(key, name) for key in keys] for name in ("code", "point"))
        offsets = np.concatenate([[0], np.cumsum([len(code) for code in codes])])
        tree = Paths(
            np.concatenate(points).astype(np.int32), np.concatenate(codes).astype(np.float32), offsets
        )
        figures["held_out"] = held_out(job, keys, model.wv.vectors, model.syn1, tree)

    job["after"] = after
    return figures


SIDES: dict[str, _jobs.Side] = {"rowspace": train_rowspace, "gensim": train_gensim}


def held_out(
    job: dict[str, Any], keys: Sequence[str], words: np.ndarray, nodes: np.ndarray, tree: Any
) -> float:
    """The mean loss of predicting tokens of wiki.valid.txt, in nats."""
    text, window = data_folder() / "corpus" / "wiki.valid.txt", job["settings"]["window"]
    if not text.exists():
        return float("nan")
    rng, row_of = np.random.default_rng(1), {key: row for row, key in enumerate(keys)}
    gap = [-1] * window  # no window reaches over the end of a line
    stream = np.array(
        gap + [row for line in text.open() for row in [*(row_of.get(key, -1) for key in line.split()), *gap]]
    )
    places = rng.choice(np.flatnonzero(stream >= 0), TARGETS)
    offsets = np.array([offset for offset in range(-window, window + 1) if offset])
    around = stream[places[:, None] + offsets]
    inside = (around >= 0) & (np.abs(offsets) <= rng.integers(1, window + 1, (TARGETS, 1)))
    places, around, inside = (each[inside.any(axis=1)] for each in (places, around, inside))
    if job["model"] == "skipgram":
        targets = np.repeat(stream[places], inside.sum(axis=1))
        return float(np.mean(losses(words[around[inside]], targets, nodes, tree)))
    means = np.stack([words[row[within]].mean(axis=0) for row, within in zip(around, inside, strict=True)])
    return float(np.mean(losses(means, stream[places], nodes, tree)))


def losses(inputs: np.ndarray, targets: np.ndarray, nodes: np.ndarray, tree: Any) -> np.ndarray:
    """-log p(target) given each input: the sum along the target's path."""
    found = np.zeros(len(targets))
    lengths = np.diff(tree.offsets)[targets]
    for level in range(lengths.max()):
        on = np.flatnonzero(lengths > level)
        turn = tree.offsets[targets[on]] + level
        logits = np.einsum("nd,nd->n", inputs[on], nodes[tree.nodes[turn]])
        found[on] += np.logaddexp(0, np.where(tree.codes[turn] == 0, -logits, logits))
    return found


def score(path: Path) -> Figures:
    """The scores of every benchmark, and two small sets that choices may be made by."""
    import rowspace as rs

    table = rs.read(path, nonfinite="keep")
    sets = {name: data_folder() / "similarity" / f"EN-{name}.txt" for name in CHECKS}
    checks = {name: rs.evaluation.similarity(table, pairs).spearman for name, pairs in sets.items()}
    return checks | _jobs.score(path)


def lines_of(model: str, rate: float, corpus: Path, options: argparse.Namespace) -> list[str]:
    """One line a side: medians over the rounds."""
    job = {"corpus": str(corpus), "model": model, "settings": SETTINGS | {"learning_rate": rate}}
    job |= {"epochs": options.epochs, "threads": options.threads}
    runs: dict[str, list[Figures]] = {side: [] for side in SIDES}
    for seed in range(1, options.rounds + 1):
        for side, found in runs.items():
            found.append(_jobs.run(__file__, side, score, seed=seed, **job))
    medians = {side: _jobs.medians(found) for side, found in runs.items()}
    ours, words = medians["rowspace"], options.num_words * options.epochs / 1e6
    return [
        f"| {side} {model} | {rate} | {run['job']:.1f} | {run['training']:.1f} "
        f"| {words / run['training']:.2f} | {run['job'] / ours['job']:.1f} x "
        f"| {run['training'] / ours['training']:.1f} x | {run['peak_mb']:.0f} | "
        + " | ".join(f"{run[name]:.3f}" for name in ("held_out", *CHECKS, *SCORES)) + " |"
        for side, run in medians.items()
    ]  # fmt: skip


def main() -> None:
    """Compare and keep one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--work", type=json.loads, help=argparse.SUPPRESS)
    parser.add_argument("--models", nargs="+", choices=("skipgram", "cbow"), default=["skipgram", "cbow"])
    parser.add_argument("--rates", nargs="+", type=float, default=[0.025, 0.05])
    parser.add_argument("--corpus", type=Path, default=data_folder() / "corpus" / "wiki17.txt")
    parser.add_argument("--words", type=int, default=4_000_000)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    if options.work:
        _jobs.work(options.work, SIDES)
        return
    with tempfile.TemporaryDirectory() as folder:
        corpus = first_words(options.corpus, options.words, Path(folder))
        options.num_words = sum(len(line.split()) for line in corpus.open("rb"))
        for model in options.models:  # compiles the kernels
            _jobs.run(
                __file__, "rowspace", _jobs.unscored, seed=1, corpus=str(corpus), model=model, epochs=1,
                threads=options.threads, settings=SETTINGS | {"learning_rate": 0.025},
            )  # fmt: skip
        lines = [
            line for model in options.models for rate in options.rates
            for line in lines_of(model, rate, corpus, options)
        ]  # fmt: skip
    heading = (
        "| side | rate | job, s | training, s | M words/s (training) | ours is faster | in training "
        "| peak MB | held-out | " + " | ".join((*CHECKS, *SCORES)) + " |"
    )
    asked = f"--models {' '.join(options.models)} --rates {' '.join(map(str, options.rates))}"
    asked += f" --words {options.words} --epochs {options.epochs} --rounds {options.rounds}"
    write(
        "hierarchical",
        f"# Hierarchical softmax: {options.num_words / 1e6:.1f} M words of {options.corpus.name}\n\n"
        f"`python benchmarks/hierarchical.py {asked}`\n\n"
        f"dim 100, window 5, min count 5, subsample 1e-3, {options.epochs} epochs, "
        f"{options.threads} threads. Medians of {options.rounds} alternating rounds.\n\n"
        + "\n".join([heading, "|---" * (9 + len(CHECKS) + len(SCORES)) + "|", *lines])
        + f"\n\n{machine('rowspace', 'numba', 'numpy', 'gensim')}\n",
    )


if __name__ == "__main__":
    main()
