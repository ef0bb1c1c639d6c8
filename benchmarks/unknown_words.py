"""Words that training never saw: how well their n-grams speak for them, ours against gensim and fastText.

    python benchmarks/unknown_words.py [--words 4000000] [--min-count 200] [--epochs 5]

Each side trains skip-gram with 3-6-grams on the first `--words` words of wiki17 (0: all of it), but only the
words that occur `--min-count` times get rows. Scored are those word pairs of the test sets of which at
least one word has none: 0.00 is chance. `models.py` compares speed, memory and known words.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path

import _jobs
from _jobs import SETS, Figures
from _report import data_folder, machine, write
from models import MODELS, SIDES, SUBWORDS, first_words


def score(path: Path) -> Figures:
    """Spearman over the pairs with an unknown word, the number of such pairs, and the mean of the sets."""
    import rowspace as rs

    table, found = rs.read(path, nonfinite="keep"), {}
    known = set(table.keys)
    for name in SETS:
        pairs = rs.evaluation.read_pairs(data_folder() / "similarity" / f"EN-{name}.txt")
        triples = zip(pairs.first, pairs.second, pairs.scores, strict=True)
        unknown = [triple for triple in triples if not known.issuperset(triple[:2])]
        report = rs.evaluation.similarity(table, unknown)
        assert report.spearman is not None
        found |= {name: report.spearman, f"{name} pairs": len(unknown)}
    return found | {"mean": statistics.mean(found[name] for name in SETS)}


def compare(corpus: Path, options: argparse.Namespace) -> list[str]:
    """A line for each side."""
    sides = MODELS["fasttext"].sides
    settings = SUBWORDS | {"min_count": options.min_count}
    runs: dict[str, list[Figures]] = {side: [] for side in sides}
    for seed in range(1, options.rounds + 1):
        for side in sides:
            job = {"corpus": str(corpus), "settings": settings, "epochs": options.epochs, "seed": seed}
            runs[side].append(_jobs.run(__file__, side, score, **job))
    found = {side: _jobs.medians(each) for side, each in runs.items()}
    counts = next(iter(found.values()))
    lines = [
        "| side | "
        + " | ".join(f"{name}, {counts[f'{name} pairs']:.0f} pairs" for name in SETS)
        + " | mean |"
    ]
    lines.append("|---|" + "---|" * (len(SETS) + 1))
    for side, figures in found.items():
        lines.append(f"| {side} | " + " | ".join(f"{figures[name]:.3f}" for name in (*SETS, "mean")) + " |")
    return lines


def main() -> None:
    """Compare the sides and keep the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--work", type=json.loads, help=argparse.SUPPRESS)
    parser.add_argument("--corpus", type=Path, default=data_folder() / "corpus" / "wiki17.txt")
    parser.add_argument("--words", type=int, default=4_000_000)
    parser.add_argument("--min-count", type=int, default=200)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    if options.work:
        _jobs.work(options.work, SIDES)
        return
    with tempfile.TemporaryDirectory() as folder:
        lines = compare(first_words(options.corpus, options.words, Path(folder)), options)
    asked = f"--words {options.words} --min-count {options.min_count} --epochs {options.epochs}"
    write(
        "unknown_words",
        "# Words that training never saw\n\n"
        f"`python benchmarks/unknown_words.py {asked} --rounds {options.rounds}`\n\n"
        f"Spearman's correlation over word pairs of which one word or both occur fewer than "
        f"{options.min_count} times, so that they have no row; medians of {options.rounds} rounds.\n\n"
        + "\n".join(lines)
        + f"\n\n{machine('rowspace', 'numba', 'numpy', 'gensim', 'fasttext')}\n",
    )


if __name__ == "__main__":
    main()
