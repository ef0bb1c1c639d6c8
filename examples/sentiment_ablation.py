"""Does a small convolutional network judge film reviews better with pre-trained word vectors than without?

python examples/sentiment_ablation.py [FOLDER CORPUS]

FOLDER holds train.tsv and test.tsv with a label, a tab and a text on each line, such as the film reviews MR
of Pang & Lee (2005). CORPUS is the text on which word vectors are trained. Without them the program makes up
reviews, and a corpus that has words which only the test reviews have.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch

import rowspace as rs
from rowspace.nn import optim
from rowspace.selection import Variant, ablate, embedding
from rowspace.selection.labelled_text import LabelledText, read_labelled

PADDING, LENGTH = "</s>", 40  # words of a text that are read
FILTERS, DROPOUT, BATCH, LEARNING_RATE, MOST_EPOCHS, PATIENCE = 32, 0.5, 50, 0.003, 12, 2
HELD_BACK = 0.1
SIDES = {
    "negative": ["dull", "flat", "bland", "awful", "clumsy", "stale", "weak", "tired"],
    "positive": ["funny", "fresh", "superb", "bright", "clever", "moving", "warm", "witty"],
}
NEUTRAL = ["the", "a", "film", "cast", "plot", "and", "is", "scene"]
SEEN = 4  # words of each side that made-up training reviews use


class Network(torch.nn.Module):
    """Three neighboring words at a time, the largest value of each filter, and a linear map (Kim 2014)."""

    def __init__(self, layer: torch.nn.Module) -> None:
        super().__init__()
        self.layer = layer
        self.filters = torch.nn.Linear(layer.embedding_dim, 3 * FILTERS)  # first, as one-hot vectors want it
        self.output = torch.nn.Sequential(torch.nn.Dropout(DROPOUT), torch.nn.Linear(FILTERS, 1))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """The log-odds of each text, (texts,)."""
        left, middle, right = self.filters(self.layer(ids)).chunk(3, dim=-1)
        found = torch.relu(left[:, :-2] + middle[:, 1:-1] + right[:, 2:])
        return self.output(found.amax(dim=1)).squeeze(1)


class Judge:
    """What an ablation needs: fit and score, and for more also outcomes and num_parameters."""

    def __init__(self, variant: Variant, seed: int, words: list[str]) -> None:
        known = [] if variant.table is None else variant.table.keys
        self.seed, self.places = seed, {word: row for row, word in enumerate(dict.fromkeys([*words, *known]))}
        torch.manual_seed(seed)
        self.network = Network(embedding(variant, [*self.places], seed, padding_idx=0))
        self.num_parameters = sum(part.numel() for part in self.network.parameters() if part.requires_grad)

    def fit(self, train: LabelledText) -> None:
        """Adam on the rows that each batch met; the epoch that is best on texts held back is kept."""
        ids, labels = self.encode(train)
        held_back, rest = torch.randperm(len(ids)).tensor_split([int(HELD_BACK * len(ids))])
        learning = [part for part in self.network.parameters() if part.requires_grad]
        optimizer, losses, best = optim.Adam(learning, LEARNING_RATE), [], {}
        while len(losses) < MOST_EPOCHS and len(losses) - int(np.argmin([*losses, 9e9])) <= PATIENCE:
            self.network.train()
            for batch in rest[torch.randperm(len(rest))].split(BATCH):
                optimizer.zero_grad()
                self.loss(ids[batch], labels[batch]).backward()
                optimizer.step()
            self.network.eval()
            with torch.no_grad():
                losses.append(self.loss(ids[held_back], labels[held_back]).item())
            if losses[-1] == min(losses):
                best = {name: part.clone() for name, part in self.network.state_dict().items()}
        self.network.load_state_dict(best)

    def loss(self, ids: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Mean cross-entropy."""
        return torch.nn.functional.binary_cross_entropy_with_logits(self.network(ids), labels)

    @torch.no_grad()
    def outcomes(self, data: LabelledText) -> np.ndarray:
        """1 for each text that is judged rightly."""
        ids, labels = self.encode(data)
        odds = torch.cat([self.network(part) for part in ids.split(BATCH)])
        return ((odds > 0) == (labels > 0)).double().numpy()

    def score(self, data: LabelledText) -> float:
        """Accuracy."""
        return float(self.outcomes(data).mean())

    def encode(self, data: LabelledText) -> tuple[torch.Tensor, torch.Tensor]:
        """Row ids (texts, LENGTH), and 1 for each positive text; words without a row are left out."""
        ids = torch.zeros(len(data.texts), LENGTH, dtype=torch.int64)
        for row, text in zip(ids, data.texts, strict=True):
            known = [self.places[word] for word in text.split() if word in self.places][:LENGTH]
            row[: len(known)] = torch.tensor(known)
        return ids, torch.tensor([float(label == "positive") for label in data.labels])


def make_up(num_texts: int, num_words: int, rng: np.random.Generator) -> LabelledText:
    """Reviews with three of the first `num_words` words of their side among neutral ones."""
    labels = rng.choice([*SIDES], num_texts).tolist()
    texts = [
        rng.permutation([*rng.choice(SIDES[side][:num_words], 3), *rng.choice(NEUTRAL, 5)]) for side in labels
    ]
    return LabelledText(labels, [" ".join(text) for text in texts])


def main() -> None:
    """Train word vectors, try every variant, and print the report."""
    torch.set_num_threads(1)  # the network is small
    if len(sys.argv) > 2:
        train, test = (read_labelled(Path(sys.argv[1]) / name) for name in ("train.tsv", "test.tsv"))
        table = rs.Word2Vec(dim=64, epochs=3).fit(sys.argv[2])
        seeds = 6
    else:
        rng = np.random.default_rng(0)
        train, test = make_up(100, SEEN, rng), make_up(200, len(NEUTRAL), rng)
        corpus = make_up(2000, len(NEUTRAL), rng).texts
        table = rs.Word2Vec(dim=16, window=8, min_count=1, epochs=10, subsample=0).fit(corpus, threads=1)
        seeds = 2
    words = [PADDING, *dict.fromkeys(word for text in train.texts for word in text.split())]
    print(
        ablate(lambda variant, seed: Judge(variant, seed, words), train, test, table, dims=[8], seeds=seeds)
    )


if __name__ == "__main__":
    main()
