"""With or without the embedding, on two real tasks: what `rowspace.selection.ablate` says of them.

    python benchmarks/ablation.py [--seeds 6]

Film reviews (MR) by the mean of their words' vectors and a linear map, with rows that Word2Vec learned from
wiki17; and census income (Adult) by examples/census_ablation.py.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

import rowspace as rs
from _report import data_folder, machine, write

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "census_ablation.py"


def reviews(seeds: int) -> str:
    """The report on film reviews."""
    import torch

    from rowspace.selection.text_ablation import ablate_text

    torch.set_num_threads(1)
    folder = data_folder()
    table = rs.Word2Vec(dim=100, epochs=1).fit(folder / "corpus" / "wiki17.txt")
    reviews = folder / "classification" / "mr"
    return str(
        ablate_text(
            reviews / "train.tsv", table, test=reviews / "test.tsv", dims=[16], seeds=seeds, progress=print
        )
    )


def census() -> str:
    """What the example prints on the census."""
    command = [sys.executable, str(EXAMPLE), str(data_folder() / "tabular" / "adult")]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def main() -> None:
    """Run both and keep what they print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, default=6)
    options = parser.parse_args()
    started = time.monotonic()
    of_reviews = reviews(options.seeds)
    of_census = census()
    minutes = (time.monotonic() - started) / 60
    write(
        "ablation",
        "# With or without the embedding\n\n"
        f"`python benchmarks/ablation.py --seeds {options.seeds}`\n\n"
        "## Film reviews\n\n"
        "Accuracy on the 1,066 test reviews of MR: the mean of the words' vectors, read by a linear map. "
        "Pre-trained rows are Word2Vec's after one epoch of wiki17, dim 100.\n\n"
        f"```\n{of_reviews}\n```\n\n"
        "## Census income\n\n"
        "Mean log-likelihood on the 16,281 test rows of Adult: the categories' vectors side by side and "
        "the numbers, read by one hidden layer. Pre-trained rows are Word2Vec's on the training rows as "
        f"sentences, without the incomes.\n\n```\n{of_census}\n```\n\n"
        "Seconds set variants apart, not machines: other work ran beside this. "
        f"All in {minutes:.0f} minutes.\n\n{machine('rowspace', 'numpy', 'torch')}\n",
    )


if __name__ == "__main__":
    main()
