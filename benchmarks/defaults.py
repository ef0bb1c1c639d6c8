"""Which epochs and learning rate suit a corpus of a given size.

    python benchmarks/defaults.py [--models skipgram cbow ...] [--words 1000000 4000000]

Each run trains on the first words of wiki17. Its rows are judged by what they are for: documents of three
classification sets (the training parts of subj, mr and 20news), each the mean of its words' unit rows
weighted by rarity, told apart by a ridge regression that sees three quarters of them and is scored on the
rest. The loss on wiki.valid stands beside it. No test set is looked at. What the recipes take where nothing
is said (training/size.py) was read off this table.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from _jobs import first_words
from _report import data_folder, machine, write
from rowspace.vocabulary import Words

SETTINGS: dict[str, tuple[str, dict[str, Any], tuple[float, ...]]] = {
    "skipgram": ("Word2Vec", {}, (0.025, 0.05, 0.1)),
    "cbow": ("Word2Vec", {"model": "cbow"}, (0.1, 0.2, 0.4)),
    "cbow-center": ("Word2Vec", {"model": "cbow", "combine": "center"}, (0.1, 0.2, 0.4)),
    "hierarchical": ("Word2Vec", {"loss": "hierarchical"}, (0.0125, 0.025, 0.05)),
    "fasttext": ("FastText", {}, (0.025, 0.05, 0.1)),
}
SETS = ("subj", "mr", "20news")
EPOCHS = (5, 10, 20, 40)
MOST_WORDS = 80_000_000  # in all epochs: what takes longer is left out


def measure(model: str, corpus: Path, rate: float, epochs: int) -> tuple[float, float]:
    """The share of documents classified rightly, and the held-out loss, at the end of a run."""
    import rowspace as rs

    recipe, fixed, _ = SETTINGS[model]
    made = getattr(rs, recipe)(**fixed, learning_rate=rate, epochs=epochs)
    table = made.fit(corpus, validation=data_folder() / "corpus" / "wiki.valid.txt", progress=False)
    rows = table.vectors / np.maximum(np.linalg.norm(table.vectors, axis=1, keepdims=True), 1e-9)
    right = [accuracy(Words.from_keys(table.keys), rows, *documents(name)) for name in SETS]
    return float(np.mean(right)), float(table.metadata["held_out_losses"][-1])


@cache
def documents(name: str) -> tuple[list[list[str]], np.ndarray]:
    """The documents of a set as tokens, and the number of each one's label."""
    path = data_folder() / "classification" / name / "train.tsv"
    lines = [line.split("\t", 1) for line in path.read_text(encoding="utf-8").splitlines()]
    labels = np.unique([label for label, _ in lines], return_inverse=True)[1]
    return [re.findall(r"[a-z0-9]+", text.lower()) for _, text in lines], labels


def accuracy(words: Words, rows: np.ndarray, texts: list[list[str]], labels: np.ndarray) -> float:
    """The share of a random quarter that a ridge regression on the rest labels rightly."""
    found = words.find_all([word for text in texts for word in text])
    places = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    places, found = places[found >= 0], found[found >= 0]
    bags = csr_matrix((np.ones(len(found), np.float32), (places, found)), (len(texts), len(rows)))
    rarity = np.log(len(texts) / (1 + (bags > 0).sum(axis=0).A1)).clip(0)
    means = bags.multiply(rarity).tocsr() @ rows
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
    inputs = np.column_stack([means - means.mean(axis=0), np.ones(len(means))])
    order = np.random.default_rng(0).permutation(len(texts))
    seen, unseen = np.split(order, [3 * len(texts) // 4])
    wanted = np.eye(labels.max() + 1)[labels[seen]]
    ridge = 0.1 * np.eye(inputs.shape[1])
    fitted = np.linalg.solve(inputs[seen].T @ inputs[seen] + ridge, inputs[seen].T @ wanted)
    return float((np.argmax(inputs[unseen] @ fitted, axis=1) == labels[unseen]).mean())


def compare(model: str, words: int, folder: Path) -> list[str]:
    """One line a learning rate: accuracy and loss for each number of epochs, the best accuracy marked."""
    corpus = first_words(data_folder() / "corpus" / "wiki17.txt", words, folder)
    rates = SETTINGS[model][2]
    found: dict[tuple[float, int], tuple[float, float]] = {}
    for rate in rates:
        for epochs in EPOCHS:
            if epochs * words <= MOST_WORDS:
                found[rate, epochs] = measure(model, corpus, rate, epochs)
                right, loss = found[rate, epochs]
                print(model, words, rate, epochs, f"{right:.4f} {loss:.4f}", flush=True)
    best = max(found, key=lambda run: found[run][0])

    def cell(rate: float, epochs: int) -> str:
        if (rate, epochs) not in found:
            return ""
        right, loss = found[rate, epochs]
        return f"{right:.3f} ({loss:.3f})" + (" *" if (rate, epochs) == best else "")

    return [
        f"| {model} | {words / 1e6:g} | {rate} | " + " | ".join(cell(rate, each) for each in EPOCHS) + " |"
        for rate in rates
    ]


def main() -> None:
    """Measure all models at all sizes and keep one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--models", nargs="+", choices=SETTINGS, default=list(SETTINGS))
    parser.add_argument("--words", nargs="+", type=int, default=[1_000_000, 4_000_000])
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
        "The share of documents classified rightly, mean of three sets; in brackets the loss on wiki.valid; "
        "dim 100, window 5, min count 5. Losses compare within a model and size only. * marks the best.\n\n"
        + "\n".join([heading, "|---|---|---|" + "---|" * len(EPOCHS), *lines])
        + f"\n\n{machine('rowspace', 'numba', 'numpy')}\n",
    )


if __name__ == "__main__":
    main()
