"""CBOW with negative sampling against gensim, at several learning rates: speed, memory and quality.

    python benchmarks/cbow.py [--words 4] [--rates 0.025 0.05 0.1 0.2] [--rounds 1] [--epochs 5]

Three sides in turn, each in a process of its own, on the first `--words` million words of wiki17 (0: all of
it) with the same hyper-parameters and 2 threads; `_jobs.py` says what is timed. "divided" is rowspace's
default gradient of a mean, "classic" that of word2vec and gensim. The divided one is several times
smaller and wants learning rates several times as high, so no one rate is fair to both: look down the columns.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import _jobs
from _jobs import SCORES, Figures
from _report import data_folder, machine, write
from models import WINDOW, first_words, train_gensim, train_rowspace

SIDES: dict[str, _jobs.Side] = {
    "rowspace, divided": train_rowspace("Word2Vec", model="cbow", divided_gradient=True),
    "rowspace, classic": train_rowspace("Word2Vec", model="cbow", divided_gradient=False),
    "gensim": train_gensim("Word2Vec", sg=0, hs=0),
}


def compare(corpus: Path, options: argparse.Namespace) -> list[str]:
    """The lines of the table: every side at every rate, sides in turn."""
    score = _jobs.score if (data_folder() / "similarity").exists() else _jobs.unscored
    lines = []
    for rate in options.rates:
        job = {"corpus": str(corpus), "settings": WINDOW | {"learning_rate": rate}, "epochs": options.epochs}
        runs: dict[str, list[Figures]] = {side: [] for side in SIDES}
        for seed in range(1, options.rounds + 1):
            for side, found in runs.items():
                found.append(_jobs.run(__file__, side, score, seed=seed, **job))
        median = {side: _jobs.medians(found) for side, found in runs.items()}
        for side, figures in median.items():
            lines.append(
                f"| {side} | {rate:g} | {figures['job']:.1f} | {figures['training']:.1f} "
                f"| {median['gensim']['job'] / figures['job']:.1f} x | {figures['peak_mb']:.0f} | "
                + " | ".join(f"{figures.get(name, float('nan')):.3f}" for name in SCORES) + " |"
            )  # fmt: skip
    return lines


def warm(folder: Path, corpus: Path) -> None:
    """Compile the kernels of ours with a short job."""
    small = folder / "small.txt"
    with corpus.open("rb") as source:
        small.write_bytes(b"".join(source.readlines(1_000_000)))
    job = {"corpus": str(small), "settings": WINDOW, "epochs": 1, "seed": 1}
    _jobs.run(__file__, "rowspace, divided", _jobs.unscored, **job)


def main() -> None:
    """Compare, and keep the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--work", type=json.loads, help=argparse.SUPPRESS)
    parser.add_argument("--corpus", type=Path, default=data_folder() / "corpus" / "wiki17.txt")
    parser.add_argument("--words", type=float, default=4, help="millions; 0 for all")
    parser.add_argument("--rates", type=float, nargs="+", default=[0.025, 0.05, 0.1, 0.2])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=5)
    options = parser.parse_args()
    if options.work:
        _jobs.work(options.work, SIDES)
        return
    with tempfile.TemporaryDirectory() as folder:
        corpus = first_words(options.corpus, int(options.words * 1e6), Path(folder))
        warm(Path(folder), corpus)
        lines = compare(corpus, options)
        words = sum(len(line.split()) for line in corpus.open("rb"))
    asked = f"--words {options.words:g} --rates {' '.join(f'{rate:g}' for rate in options.rates)}"
    heading = "| side | rate | job, s | training, s | faster than gensim | peak MB | " + " | ".join(SCORES)
    write(
        "cbow",
        f"# CBOW with negative sampling: {words / 1e6:.1f} M words of {options.corpus.name}\n\n"
        f"`python benchmarks/cbow.py {asked} --rounds {options.rounds} --epochs {options.epochs}`\n\n"
        f"dim 100, window 5, 5 negatives, {options.epochs} epochs, 2 threads. Whole jobs, from text to saved "
        f"vectors; medians of {options.rounds} rounds, sides in turn.\n\n"
        + "\n".join([heading + " |", "|---|---|---|---|---|---|" + "---|" * len(SCORES), *lines])
        + f"\n\n{machine('rowspace', 'numba', 'numpy', 'gensim')}\n",
    )


if __name__ == "__main__":
    main()
