"""GloVe against the four programs it comes as: vocab_count, cooccur, shuffle, glove.

    python benchmarks/glove.py --glove-folder FOLDER [--words 4000000] [--windows 5 15] [--rounds 1]

Whole jobs, from text to saved vectors, in turn, on the first `--words` words of wiki17: dim 100, 10 epochs,
2 threads, the same window, x_max and memory on both sides. The folder holds the built programs; GLOVE_HOME
names it too. Without it only our side runs, and the table says so. `_jobs.py` says what is timed.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import _jobs
from _jobs import SCORES, Figures, first_words
from _report import data_folder, machine, write
from models import train_glove, train_rowspace

SETTINGS = {"dim": 100, "min_count": 5, "learning_rate": 0.05, "alpha": 0.75}
SIDES: dict[str, _jobs.Side] = {"rowspace": train_rowspace("GloVe"), "GloVe's programs": train_glove}
PROGRAMS = ("vocab_count", "cooccur", "shuffle", "glove")


def compare(window: int, corpus: Path, sides: list[str], options: argparse.Namespace) -> list[str]:
    """The lines of one window: the median of each side."""
    job: dict[str, Any] = {
        "corpus": str(corpus),
        "settings": SETTINGS | {"window": window, "x_max": options.x_max},
        "epochs": options.epochs,
    }
    runs: dict[str, list[Figures]] = {side: [] for side in sides}
    for seed in range(1, options.rounds + 1):
        for side in sides:
            runs[side].append(_jobs.run(__file__, side, options.score, seed=seed, **job))
    found = {side: _jobs.medians(each) for side, each in runs.items()}
    ours = found["rowspace"]["job"]
    return [
        f"| {window} | {side} | {figures['job']:.1f} | {figures['training']:.1f} "
        f"| {figures['job'] / ours:.1f} x | {figures['peak_mb']:.0f} | "
        + " | ".join(f"{figures.get(name, float('nan')):.3f}" for name in SCORES)
        + " |"
        for side, figures in found.items()
    ]


def has_programs(folder: str | None) -> bool:
    """Whether all four programs are in `folder`."""
    return folder is not None and all((Path(folder) / program).is_file() for program in PROGRAMS)


def main() -> None:
    """Compare at each window and keep one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--work", type=json.loads, help=argparse.SUPPRESS)
    parser.add_argument("--glove-folder", default=os.environ.get("GLOVE_HOME"))
    parser.add_argument("--corpus", type=Path, default=data_folder() / "corpus" / "wiki17.txt")
    parser.add_argument("--words", type=int, default=4_000_000)
    parser.add_argument("--windows", type=int, nargs="+", default=[5, 15])
    parser.add_argument("--x-max", type=float, default=10.0)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    if options.work:
        _jobs.work(options.work, SIDES)
        return
    options.score = _jobs.score if (data_folder() / "similarity").exists() else _jobs.unscored
    sides, note = list(SIDES), ""
    if has_programs(options.glove_folder):
        os.environ["GLOVE_HOME"] = options.glove_folder
    else:
        sides.remove("GloVe's programs")
        note = "GloVe's programs were not found: give their folder with --glove-folder or GLOVE_HOME.\n\n"
    with tempfile.TemporaryDirectory() as folder:
        corpus = first_words(options.corpus, options.words, Path(folder))
        warming = {"settings": SETTINGS, "epochs": 1, "seed": 1}
        with tempfile.TemporaryDirectory() as small:
            part = first_words(options.corpus, 100_000, Path(small))
            _jobs.run(__file__, "rowspace", _jobs.unscored, corpus=str(part), **warming)  # compiles
        lines = [line for window in options.windows for line in compare(window, corpus, sides, options)]
    heading = "| window | side | job, s | training, s | ours is faster | peak MB | " + " | ".join(SCORES)
    asked = f"--words {options.words} --x-max {options.x_max:g} --epochs {options.epochs}"
    write(
        "glove",
        f"# GloVe from text to vectors\n\n`python benchmarks/glove.py {asked} --rounds {options.rounds}`\n\n"
        f"{options.corpus.name}, dim 100, min count 5, x_max {options.x_max:g}, {options.epochs} epochs, "
        f"2 threads; medians of {options.rounds} alternating rounds.\n\n{note}"
        + "\n".join([heading + " |", "|---|---|---|---|---|---|" + "---|" * len(SCORES), *lines])
        + f"\n\n{machine('rowspace', 'numba', 'numpy')}\n",
    )


if __name__ == "__main__":
    main()
