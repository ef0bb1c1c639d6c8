"""What a layer knows about words that training never saw, with each way of training their rows.

    python benchmarks/unknown_rows.py [--words 30000] [--epochs 3] [--seeds 4]

A linear model over three neighboring words learns which words are part of a name (WikiANN). Scored are the
words of other sentences, by mean cross-entropy: all of them, and those that training never saw. For these
the table also tells what the same model loses with zeros, or with a random row, in the place of theirs.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch's users know

from _report import data_folder, machine, write
from rowspace import nn as rnn
from rowspace.arrays import PackedKeys
from rowspace.vocabulary import NGrams, Subwords, Vocabulary, Words

DIM, BATCH, DRAWS = 16, 512, 20
WAYS: dict[str, rnn.Unknown | None] = {
    "none: the row it began with": rnn.Unknown(),
    "rate=0.01": rnn.Unknown(rate=0.01),
    "rate=0.1": rnn.Unknown(rate=0.1),
    "min_count=2": rnn.Unknown(min_count=2),
    "rarity=0.25": rnn.Unknown(rarity=0.25),
    "rarity=1": rnn.Unknown(rarity=1.0),
    "rarity=0.25, buckets=64": rnn.Unknown(rarity=0.25, buckets=64),
    "n-grams": None,
    "n-grams, rarity=0.25": rnn.Unknown(rarity=0.25),
}


class Windows(NamedTuple):
    """Words with their neighbors, and whether each is part of a name."""

    keys: list[list[str]]
    names: torch.Tensor

    def of(self, places: torch.Tensor) -> Windows:
        """Those at `places`."""
        return Windows([self.keys[place] for place in places.tolist()], self.names[places])


class Tagger(torch.nn.Module):
    """Is the middle one of three words part of a name?"""

    def __init__(self, words: rnn.Embedding) -> None:
        super().__init__()
        self.words = words
        self.judge = torch.nn.Linear(3 * DIM, 1)

    def loss(self, windows: Windows) -> torch.Tensor:
        """The mean cross-entropy."""
        logits = self.judge(self.words(windows.keys).flatten(1)).squeeze(1)
        return F.binary_cross_entropy_with_logits(logits, windows.names)


def read(path: Path, limit: int) -> Windows:
    """The first `limit` words of a .conll file."""
    keys: list[list[str]] = []
    names: list[float] = []
    for sentence in path.read_text(encoding="utf-8").strip().split("\n\n"):
        words, tags = zip(*(line.split("\t") for line in sentence.splitlines()), strict=True)
        padded = ["</s>", *(word.removeprefix("en:").lower() for word in words), "</s>"]
        keys += [padded[place : place + 3] for place in range(len(words))]
        names += [float(tag != "O") for tag in tags]
    return Windows(keys[:limit], torch.tensor(names[:limit]))


def train(windows: Windows, vocabulary: Vocabulary, unknown: rnn.Unknown | None, epochs: int) -> Tagger:
    """A model of these words."""
    tagger = Tagger(rnn.Embedding.from_vocabulary(vocabulary, DIM, unknown=unknown))
    optimizer = torch.optim.Adam(tagger.parameters(), lr=0.01)
    for _ in range(epochs):
        for batch in torch.randperm(len(windows.keys)).split(BATCH):
            optimizer.zero_grad()
            tagger.loss(windows.of(batch)).backward()
            optimizer.step()
    return tagger.eval()


@torch.no_grad()
def score(tagger: Tagger, test: Windows, unseen: Windows) -> Iterator[float]:
    """Losses: on all words, on unseen ones, on these with zeros for their rows, and with random rows."""
    yield float(tagger.loss(test))
    yield float(tagger.loss(unseen))
    weight, unknown = tagger.words.weight, tagger.words.inputs.unknown
    if unknown is None or isinstance(tagger.words.vocabulary, Subwords):
        return
    rows = slice(unknown.row, unknown.row + max(1, unknown.buckets))
    spread = weight.std()
    weight[rows] = 0
    yield float(tagger.loss(unseen))
    losses = []
    for _ in range(DRAWS):
        weight[rows] = torch.randn_like(weight[rows]) * spread
        losses.append(float(tagger.loss(unseen)))
    yield statistics.mean(losses)


def compare(options: argparse.Namespace) -> list[str]:
    """A line for each way."""
    folder = data_folder() / "tagging" / "wikiann-en"
    windows, test = (read(folder / f"{part}.conll", options.words) for part in ("dev", "test"))
    seen, counts = np.unique([window[1] for window in windows.keys], return_counts=True)
    keys = PackedKeys.from_strings([*seen.tolist(), "</s>"])
    words = Words.from_keys(keys, counts=np.append(counts, len(windows.keys)))
    unseen = test.of(torch.tensor([window[1] not in words for window in test.keys]).nonzero().squeeze(1))
    lines = [
        f"| way | all {len(test.keys):,} words | {len(unseen.keys):,} unseen words | zeros instead "
        "| random rows instead |",
        "|---|---|---|---|---|",
    ]
    for way, unknown in WAYS.items():
        vocabulary = Subwords(words, NGrams(3, 5, buckets=20_000)) if way.startswith("n-grams") else words
        found = []
        for seed in range(options.seeds):
            torch.manual_seed(seed)
            tagger = train(windows, vocabulary, unknown, options.epochs)
            found.append(list(score(tagger, test, unseen)))
        means = [f"{statistics.mean(each):.3f}" for each in zip(*found, strict=True)]
        lines.append(f"| {way} | " + " | ".join([*means, *["-"] * (4 - len(means))]) + " |")
        print(lines[-1], flush=True)
    return lines


def main() -> None:
    """Compare the ways and keep the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--words", type=int, default=30_000)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=4)
    options = parser.parse_args()
    asked = f"--words {options.words} --epochs {options.epochs} --seeds {options.seeds}"
    write(
        "unknown_rows",
        "# Rows for unknown words\n\n"
        f"`python benchmarks/unknown_rows.py {asked}`\n\n"
        "A linear model over three neighboring words learns which words are part of a name (WikiANN). Mean "
        "cross-entropy on words of other sentences: all of them; those that training never saw; and these "
        "again with zeros, or with random rows of the table's spread, in the place of the rows for unknown "
        f"words. {options.words:,} words, {options.epochs} epochs, dim {DIM}, means of {options.seeds} "
        "seeds.\n\n" + "\n".join(compare(options)) + f"\n\n{machine('rowspace', 'torch', 'numpy')}\n",
    )


if __name__ == "__main__":
    main()
