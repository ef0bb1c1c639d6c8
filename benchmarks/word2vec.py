"""Skip-gram with negative sampling against gensim: speed, memory and quality of the same job.

    python benchmarks/word2vec.py [--parts main variants sweep] [--rounds 2] [--epochs 5]

Each side runs in a process of its own, in turn, on the same file with the same hyper-parameters and
threads: `_jobs.py` says what is timed. Numba's cache is warm. Both tables are then scored by the same code.

main: wiki17, dim 100, 2 threads. variants: 1 thread, and dim 300, one epoch each. sweep: one megaword and
many settings, several seeds a side, to see whether any diverges or loses quality.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import _jobs
from _jobs import SCORES
from _report import data_folder, machine, write

DEFAULTS = {
    "dim": 100,
    "window": 5,
    "negatives": 5,
    "subsample": 1e-3,
    "min_count": 5,
    "learning_rate": 0.025,
}
SWEEP = [
    {},
    *({"window": window} for window in (2, 10, 15)),
    *({"negatives": negatives} for negatives in (2, 10, 20)),
    *({"learning_rate": rate} for rate in (0.01, 0.05, 0.1)),
    *({"dim": dim} for dim in (16, 300, 512)),
    {"window": 2, "negatives": 2, "learning_rate": 0.1},
    {"window": 2, "negatives": 20, "learning_rate": 0.1},
    {"window": 15, "negatives": 2, "learning_rate": 0.1},
    {"window": 15, "negatives": 20, "learning_rate": 0.1},
    {"window": 15, "negatives": 20, "learning_rate": 0.1, "dim": 16},
    {"window": 10, "negatives": 10, "learning_rate": 0.1, "dim": 512},
]


def train_rowspace(job: dict[str, Any]) -> dict[str, float]:
    """Train and save as .rows."""
    import rowspace as rs

    recipe = rs.Word2Vec(epochs=job["epochs"], seed=job["seed"], **job["settings"])
    table = recipe.fit(job["corpus"], threads=job["threads"], progress=False)
    rs.write(table, job["output"] + ".rows")
    return {"training": table.metadata["training_seconds"]}


def train_gensim(job: dict[str, Any]) -> dict[str, float]:
    """Train from corpus_file, gensim's fastest way, and save its own format."""
    from gensim.models import Word2Vec

    asked = job["settings"]
    model = Word2Vec(
        sg=1, hs=0, vector_size=asked["dim"], window=asked["window"], negative=asked["negatives"],
        sample=asked["subsample"], min_count=asked["min_count"], alpha=asked["learning_rate"],
        workers=job["threads"], seed=job["seed"], epochs=job["epochs"],
    )  # fmt: skip
    model.build_vocab(corpus_file=job["corpus"])
    begin = time.perf_counter()
    model.train(
        corpus_file=job["corpus"], total_examples=model.corpus_count, total_words=model.corpus_total_words,
        epochs=job["epochs"],
    )  # fmt: skip
    training = time.perf_counter() - begin
    model.wv.save(job["output"] + ".kv")
    job["after"] = lambda: model.wv.save_word2vec_format(job["output"] + ".bin", binary=True)
    return {"training": training}


SIDES = {"rowspace": train_rowspace, "gensim": train_gensim}


def measure(
    side: str, corpus: Path, options: argparse.Namespace, settings: dict[str, Any], **job: Any
) -> dict:
    """One run of one side in a fresh process, with its scores."""
    score = _jobs.score if options.score else _jobs.unscored
    return _jobs.run(__file__, side, score, corpus=str(corpus), settings=DEFAULTS | settings, **job)


def main_part(options: argparse.Namespace) -> str:
    """The job of the claim: whole wiki17, two threads."""
    runs: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
    for seed in range(1, options.rounds + 1):
        for side, found in runs.items():
            job = {"threads": 2, "epochs": options.epochs, "seed": seed}
            found.append(measure(side, options.corpus, options, {}, **job))
    lines = [
        "| side | job, s | training, s | M words/s (job) | ours is faster | peak MB | "
        + " | ".join(SCORES)
        + " |",
        "|---|---|---|---|---|---|" + "---|" * len(SCORES),
    ]
    words = options.words * options.epochs / 1e6
    median = {side: _jobs.medians(found) for side, found in runs.items()}
    for side, run in median.items():
        lines.append(
            f"| {side} | {run['job']:.1f} | {run['training']:.1f} | {words / run['job']:.2f} "
            f"| {run['job'] / median['rowspace']['job']:.1f} x | {run['peak_mb']:.0f} | "
            + " | ".join(f"{run[name]:.3f}" for name in SCORES) + " |"
        )  # fmt: skip
    each = [f"{side} " + ", ".join(f"{run['mean']:.4f}" for run in found) for side, found in runs.items()]
    return (
        f"## {options.corpus.name}: dim 100, window 5, 5 negatives, {options.epochs} epochs, 2 threads\n\n"
        f"Medians of {options.rounds} alternating rounds (seeds 1 to {options.rounds}).\n\n"
        + "\n".join(lines)
        + f"\n\nMean score of each run: {'; '.join(each)}.\n"
    )


def variants_part(options: argparse.Namespace) -> str:
    """One thread, and dim 300: speed alone, one epoch."""
    lines = ["| threads | dim | rowspace, s | gensim, s | ours is faster |", "|---|---|---|---|---|"]
    for threads, dim in ((1, 100), (2, 300)):
        job = {"threads": threads, "epochs": 1, "seed": 1}
        ours, theirs = (measure(side, options.corpus, options, {"dim": dim}, **job)["job"] for side in SIDES)
        lines.append(f"| {threads} | {dim} | {ours:.1f} | {theirs:.1f} | {theirs / ours:.1f} x |")
    return f"## {options.corpus.name}: one epoch, whole job\n\n" + "\n".join(lines) + "\n"


def sweep_part(options: argparse.Namespace) -> str:
    """Many settings on a megaword: the mean scores of both sides over seeds, and what chance explains.

    One thread a side, two runs at a time: only quality is compared here. gensim's workers each measure
    their progress against the whole file (word2vec_corpusfile.pyx), so with two of them its learning rate
    falls half as far in every epoch as it should and is a tenth too high on average; with one it is right.
    """
    lines = [
        "| setting | rowspace | gensim | difference | standard error | " + " | ".join(SCORES[:-1]) + " |",
        "|---|---|---|---|---|" + "---|" * (len(SCORES) - 1),
    ]
    with ThreadPoolExecutor(2) as pool:
        runs = [
            {
                side: [pool.submit(sweep_run, side, options, settings, seed) for seed in seeds(options)]
                for side in SIDES
            }
            for settings in SWEEP
        ]
        for settings, sides in zip(SWEEP, runs, strict=True):
            ours, theirs = ([run.result() for run in sides[side]] for side in SIDES)
            name = ", ".join(f"{key} {value}" for key, value in settings.items()) or "defaults"
            found = [compared(ours, theirs, score) for score in SCORES]
            means = [statistics.mean(run["mean"] for run in side) for side in (ours, theirs)]
            lines.append(
                f"| {name} | {means[0]:.3f} | {means[1]:.3f} | {found[-1][0]:+.3f} | {found[-1][1]:.3f} | "
                + " | ".join(f"{difference:+.3f}" for difference, _ in found[:-1])
                + " |"
            )
    return (
        f"## {options.small.name}: sweep, {options.epochs} epochs, 1 thread, {options.rounds} seeds a side"
        "\n\nMean scores over the seeds, ours minus gensim's, its standard error by the spread of seeds, "
        "and ours minus gensim's for each score. One thread, because with two gensim's learning rate is a "
        "tenth higher than asked for.\n\n" + "\n".join(lines) + "\n"
    )


def sweep_run(side: str, options: argparse.Namespace, settings: dict[str, Any], seed: int) -> dict:
    """One run of the sweep."""
    return measure(side, options.small, options, settings, threads=1, epochs=options.epochs, seed=seed)


def seeds(options: argparse.Namespace) -> range:
    """A seed a round."""
    return range(1, options.rounds + 1)


def compared(ours: list[dict], theirs: list[dict], score: str) -> tuple[float, float]:
    """The difference of two mean scores, and its standard error."""
    first, second = ([run[score] for run in side] for side in (ours, theirs))
    difference = statistics.mean(first) - statistics.mean(second)
    if len(first) < 2:
        return difference, math.nan
    return difference, math.sqrt((statistics.variance(first) + statistics.variance(second)) / len(first))


PARTS = {"main": main_part, "variants": variants_part, "sweep": sweep_part}


def main() -> None:
    """Run the parts and keep their tables."""
    corpus = data_folder() / "corpus"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--work", type=json.loads, help=argparse.SUPPRESS)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--corpus", type=Path, default=corpus / "wiki17.txt")
    parser.add_argument("--small", type=Path, default=corpus / "wiki1.txt")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=5)
    options = parser.parse_args()
    if options.work:
        _jobs.work(options.work, SIDES)
        return
    options.score = (data_folder() / "similarity").exists()
    options.words = sum(len(line.split()) for line in options.corpus.open("rb"))
    warm = {"threads": 1, "epochs": 1, "seed": 1}
    measure("rowspace", options.small, argparse.Namespace(score=False), {}, **warm)  # compiles the kernels
    for part in options.parts:
        asked = f"--parts {part} --rounds {options.rounds} --epochs {options.epochs}"
        heading = f"# Skip-gram with negative sampling: {part}\n\n`python benchmarks/word2vec.py {asked}`\n\n"
        write(
            f"word2vec_{part}",
            heading + PARTS[part](options) + f"\n{machine('rowspace', 'numba', 'numpy', 'gensim')}\n",
        )


if __name__ == "__main__":
    main()
