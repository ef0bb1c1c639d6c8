"""Whether choose_dim names a dimension that brute force would choose.

    python benchmarks/dimension.py [--corpus FILE] [--seeds 3] [--keep FILE]

Brute force trains Word2Vec at every dim on the whole corpus, with several seeds, and scores each table on
three sets of word pairs; its score is the mean of the three rank correlations. Its flat region was defined
beforehand: the dims around the best whose mean score is within one standard error of the best one's, the
error being that of a difference of means over seeds. choose_dim sees neither the pairs nor these tables.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import time
from pathlib import Path

import rowspace as rs
from _jobs import SETS
from _report import data_folder, machine, write
from rowspace.selection.dimension import DimensionCurve, choose_dim

DIMS = (8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 300)

Scores = dict[int, list[float]]

CAVEAT = (
    "What decides in choose_dim was picked among a few measures of held-out text with the word similarity of "
    "four tables of this same corpus (wiki1) in view. A corpus that nobody has looked at would be a stronger "
    "check."
)


def brute_force(corpus: Path, seeds: int, keep: Path | None) -> Scores:
    """The scores of every dim by seed; those in `keep` are taken from there, and new ones added."""
    known = json.loads(keep.read_text()) if keep is not None and keep.exists() else {}
    for seed in range(101, 101 + seeds):  # choose_dim has other ones
        for dim in DIMS:
            name = f"{corpus.name} {dim} {seed}"
            if name not in known:
                known[name] = score(rs.Word2Vec(dim=dim, seed=seed).fit(corpus, progress=False))
                print(name, round(known[name], 4), flush=True)
            if keep is not None:
                keep.write_text(json.dumps(known))
    return {dim: [known[f"{corpus.name} {dim} {seed}"] for seed in range(101, 101 + seeds)] for dim in DIMS}


def score(table: rs.Table) -> float:
    """The mean rank correlation over the sets of word pairs."""
    files = [data_folder() / "similarity" / f"EN-{name}.txt" for name in SETS]
    return statistics.mean(rs.evaluation.similarity(table, file, bootstrap=0).spearman or 0 for file in files)


def flat_region(scores: Scores) -> tuple[int, int]:
    """The dims around the best whose mean is within one standard error of the best."""
    means = {dim: statistics.mean(values) for dim, values in scores.items()}
    error = math.sqrt(2 * statistics.mean(map(statistics.variance, scores.values())) / len(scores[DIMS[0]]))
    best = max(means, key=lambda dim: means[dim])
    low = high = DIMS.index(best)
    while low > 0 and means[DIMS[low - 1]] >= means[best] - error:
        low -= 1
    while high + 1 < len(DIMS) and means[DIMS[high + 1]] >= means[best] - error:
        high += 1
    return DIMS[low], DIMS[high]


def report(scores: Scores, curve: DimensionCurve, processor_seconds: float) -> str:
    """Both in words."""
    low, high = flat_region(scores)
    lines = [
        f"| {dim} | {statistics.mean(values):.4f} | {statistics.stdev(values):.4f} |"
        for dim, values in scores.items()
    ]
    verdict = "inside" if low <= curve.recommended <= high else "**outside**"
    return "\n".join([
        "| dim | mean score of brute force | deviation between seeds |",
        "|---|---|---|",
        *lines,
        "",
        f"Flat region of brute force: {low} to {high}. choose_dim recommends {curve.recommended}, "
        f"{verdict} of it, after {curve.seconds:.0f} s and {processor_seconds:.0f} s of the processor:",
        "",
        "```",
        str(curve),
        "```",
    ])  # fmt: skip


def main() -> None:
    """Run both on one corpus and keep the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=data_folder() / "corpus" / "wiki1.txt")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="a JSON file of finished runs, to go on from")
    options = parser.parse_args()
    before = time.process_time()
    curve = choose_dim(options.corpus, progress=False)
    processor_seconds = time.process_time() - before
    scores = brute_force(options.corpus, options.seeds, options.keep)
    write(
        "dimension",
        "# A dimension by measurement, against brute force\n\n"
        f"`python benchmarks/dimension.py --seeds {options.seeds}`, on {options.corpus.name}\n\n"
        f"{report(scores, curve, processor_seconds)}\n\n"
        f"{CAVEAT}\n\n{machine('rowspace', 'numba', 'numpy')}\n",
    )


if __name__ == "__main__":
    main()
