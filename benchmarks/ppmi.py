"""PPMI and its settings: time, memory and quality, beside skip-gram on the same text.

    python benchmarks/ppmi.py [--words 17] [--rounds 1]

Each job runs in a process of its own with 2 threads on the first `--words` million words of wiki17 (0: all of
it): `_jobs.py` says what is timed. There is no peer at this size; the first row is skip-gram with negative
sampling, 5 epochs, by rowspace. The settings are those that a reader may ask about: the defaults were not
chosen by the scores that are shown here.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import _jobs
from _jobs import SCORES, Figures, first_words, medians
from _report import data_folder, machine, write

SETTINGS: list[dict[str, Any]] = [
    {},
    {"combine": "center"},
    {"eigenvalue_power": 0.0},
    {"eigenvalue_power": 1.0},
    {"shift": 5.0},
    {"window": 2},
    {"window": 10},
    {"power_iterations": 1},
    {"power_iterations": 12},
    {"dim": 300},
]


def train_ppmi(job: dict[str, Any]) -> Figures:
    """Count, factorise and save as .rows."""
    import rowspace as rs

    table = rs.training.PPMI(seed=job["seed"], **job["settings"]).fit(
        job["corpus"], threads=2, progress=False
    )
    rs.write(table, job["output"] + ".rows")
    facts = table.metadata
    return {
        "training": facts["training_seconds"],
        "pairs": facts["pairs"],
        "positive": facts["positive_pairs"],
    }


def train_skipgram(job: dict[str, Any]) -> Figures:
    """Train for five epochs and save as .rows."""
    import rowspace as rs

    table = rs.Word2Vec(seed=job["seed"], **job["settings"]).fit(job["corpus"], threads=2, progress=False)
    rs.write(table, job["output"] + ".rows")
    return {"training": table.metadata["training_seconds"], "pairs": 0, "positive": 0}


SIDES = {"PPMI": train_ppmi, "skip-gram": train_skipgram}


def line(corpus: Path, side: str, settings: dict[str, Any], rounds: int) -> str:
    """One line of the table: the medians of some rounds, each with a seed of its own."""
    found = medians(
        _jobs.run(__file__, side, _jobs.score, corpus=str(corpus), settings=settings, seed=seed)
        for seed in range(1, rounds + 1)
    )
    name = ", ".join(f"{key} {value}" for key, value in settings.items()) or "defaults"
    return (
        f"| {side}, {name} | {found['job']:.1f} | {found['training']:.1f} | {found['peak_mb']:.0f} "
        f"| {found['pairs'] / 1e6:.1f} | {found['positive'] / 1e6:.1f} | "
        + " | ".join(f"{found[score]:.3f}" for score in SCORES) + " |"
    )  # fmt: skip


def main() -> None:
    """Run every setting and keep the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--work", type=json.loads, help=argparse.SUPPRESS)
    parser.add_argument("--corpus", type=Path, default=data_folder() / "corpus" / "wiki17.txt")
    parser.add_argument("--words", type=float, default=0, help="millions; 0 for all")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    if options.work:
        _jobs.work(options.work, SIDES)
        return
    with tempfile.TemporaryDirectory() as folder:
        tiny = first_words(options.corpus, 100_000, Path(folder))
        for side in SIDES:  # compiles the kernels
            _jobs.run(__file__, side, _jobs.unscored, corpus=str(tiny), settings={}, seed=1)
        corpus = first_words(options.corpus, int(options.words * 1e6), Path(folder))
        words = sum(len(line.split()) for line in corpus.open("rb"))
        lines = [line(corpus, "skip-gram", {}, options.rounds)]
        lines += [line(corpus, "PPMI", settings, options.rounds) for settings in SETTINGS]
    heading = (
        "| settings | job, s | training, s | peak MB | M pairs | M positive | " + " | ".join(SCORES) + " |"
    )
    write(
        "ppmi",
        f"# PPMI: {words / 1e6:.1f} M words of {options.corpus.name}\n\n"
        f"`python benchmarks/ppmi.py --words {options.words:g} --rounds {options.rounds}`\n\n"
        "dim 100, window 5, min_count 5, 2 threads where nothing else is said. Whole jobs, from text to "
        f"saved vectors; medians of {options.rounds} rounds.\n\n"
        + "\n".join([heading, "|---|---|---|---|---|---|" + "---|" * len(SCORES), *lines])
        + f"\n\n{machine('rowspace', 'numba', 'numpy')}\n",
    )


if __name__ == "__main__":
    main()
