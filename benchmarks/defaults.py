"""Which epochs and learning rate suit a corpus of a given size: the loss on text that was not trained on.

    python benchmarks/defaults.py [--models skipgram cbow ...] [--words 1000000 4000000 17000000]

Each run trains on the first words of wiki17 and is measured on wiki.valid, later articles of Wikipedia; no
test set is looked at. What the recipes take where nothing is said (training/defaults.py) was read off this
table.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

from _jobs import first_words
from _report import data_folder, machine, write

SETTINGS: dict[str, tuple[str, dict[str, Any], tuple[float, ...]]] = {
    "skipgram": ("Word2Vec", {}, (0.025, 0.05, 0.1)),
    "cbow": ("Word2Vec", {"model": "cbow"}, (0.1, 0.2, 0.4)),
    "hierarchical": ("Word2Vec", {"loss": "hierarchical"}, (0.0125, 0.025, 0.05)),
    "fasttext": ("FastText", {}, (0.025, 0.05, 0.1)),
}
EPOCHS = (3, 5, 10, 20, 40)
MOST_WORDS = 200_000_000  # in all epochs: what takes longer is left out


def measure(model: str, corpus: Path, rate: float, epochs: int) -> float:
    """The held-out loss at the end of a run."""
    import rowspace as rs

    recipe, fixed, _ = SETTINGS[model]
    made = getattr(rs, recipe)(**fixed, learning_rate=rate, epochs=epochs)
    table = made.fit(corpus, validation=data_folder() / "corpus" / "wiki.valid.txt", progress=False)
    return float(table.metadata["held_out_losses"][-1])


def compare(model: str, words: int, folder: Path) -> list[str]:
    """One line a learning rate: the loss for each number of epochs, the least of all marked."""
    corpus = first_words(data_folder() / "corpus" / "wiki17.txt", words, folder)
    rates = SETTINGS[model][2]
    losses = {}
    for rate in rates:
        for epochs in EPOCHS:
            if epochs * words <= MOST_WORDS:
                began = time.monotonic()
                losses[rate, epochs] = measure(model, corpus, rate, epochs)
                seconds = time.monotonic() - began
                print(
                    model, words, rate, epochs, round(losses[rate, epochs], 4), f"{seconds:.0f} s", flush=True
                )
    least = min(losses, key=losses.__getitem__)

    def cell(rate: float, epochs: int) -> str:
        loss = losses.get((rate, epochs))
        return "" if loss is None else f"{loss:.4f}" + (" *" if (rate, epochs) == least else "")

    return [
        f"| {model} | {words / 1e6:g} | {rate} | "
        + " | ".join(cell(rate, epochs) for epochs in EPOCHS)
        + " |"
        for rate in rates
    ]


def main() -> None:
    """Measure all models at all sizes and keep one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--models", nargs="+", choices=SETTINGS, default=list(SETTINGS))
    parser.add_argument("--words", nargs="+", type=int, default=[1_000_000, 4_000_000, 17_000_000])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lines = [
            line
            for model in options.models
            for words in options.words
            for line in compare(model, words, Path(folder))
        ]
    heading = (
        "| model | M words | learning rate | " + " | ".join(f"{epochs} epochs" for epochs in EPOCHS) + " |"
    )
    asked = f"--models {' '.join(options.models)} --words {' '.join(map(str, options.words))}"
    write(
        "defaults",
        "# Epochs and learning rate by the size of the corpus\n\n"
        f"`python benchmarks/defaults.py {asked}`\n\n"
        "The loss of a pair (CBOW: of a token) on wiki.valid after training on the first words of wiki17; "
        "dim 100, window 5, min count 5. Losses compare within a model and size only. * marks the least.\n\n"
        + "\n".join([heading, "|---|---|---|" + "---|" * len(EPOCHS), *lines])
        + f"\n\n{machine('rowspace', 'numba', 'numpy')}\n",
    )


if __name__ == "__main__":
    main()
