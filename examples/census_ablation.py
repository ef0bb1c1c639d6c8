"""Does a small network predict incomes better from embeddings of its columns than from one-hot vectors?

python examples/census_ablation.py [FOLDER]

FOLDER holds train.csv and test.csv of the UCI data set "Adult" with a line of names, of which "income" is the
one to predict. Without it the program makes up a census of its own. Pre-trained rows come from the training
rows without their incomes: each is a sentence of words "column=category", and Word2Vec learns these.
"""

from __future__ import annotations

import csv
import sys
from itertools import accumulate
from pathlib import Path

import numpy as np
import torch

import rowspace as rs
from rowspace.nn import optim
from rowspace.nn.columns import CategoricalColumns
from rowspace.selection import Variant, ablate, embedding

Frame = dict[str, list[str | None] | list[float]]

LABEL, RICH, MISSING = "income", ">50K", "?"
LEFT_OUT = ("fnlwgt",)  # how many people a row stands for, which says nothing of any one of them
BATCH, LEARNING_RATE, HIDDEN, MOST_EPOCHS, PATIENCE = 128, 0.005, 32, 10, 2
HELD_BACK, UNKNOWN_RATE, DIM = 0.1, 0.03, 8
COUNTRIES, JOBS = ("Norway", "Peru", "Ghana", "Japan", "Malta"), ("cook", "smith", "judge", "nurse", "pilot")


class Network(torch.nn.Module):
    """The vectors of a row's categories side by side and its numbers, read by one hidden layer."""

    def __init__(self, layer: torch.nn.Module, num_columns: int, num_numbers: int) -> None:
        super().__init__()
        self.layer = layer
        self.hidden = torch.nn.Linear(num_columns * layer.embedding_dim + num_numbers, HIDDEN)
        self.output = torch.nn.Linear(HIDDEN, 1)

    def forward(self, ids: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
        """The log-odds of each row, (rows,)."""
        values = torch.cat([self.layer(ids).flatten(1), numbers], dim=1)
        return self.output(torch.relu(self.hidden(values))).squeeze(1)


class Census:
    """What an ablation needs: fit and score, and for more also outcomes and num_parameters."""

    def __init__(self, variant: Variant, seed: int, columns: CategoricalColumns) -> None:
        tables = columns.to_tables()  # for the keys of each column: unknown, missing, and the categories
        self.columns = columns
        self.first_rows = torch.tensor([0, *accumulate(len(table) for table in tables.values())][:-1])
        keys = [f"{name}={key}" for name, table in tables.items() for key in table.keys]
        torch.manual_seed(seed)
        layer = embedding(variant, keys, seed)
        self.network = Network(layer, len(tables), len(columns.encoder.number_names))
        self.num_parameters = sum(part.numel() for part in self.network.parameters() if part.requires_grad)

    def fit(self, train: Frame) -> None:
        """Adam on the rows that each batch met; the epoch that is best on rows held back is kept."""
        data = self.encode(train)
        held_back, rest = torch.randperm(len(data[0])).tensor_split([int(HELD_BACK * len(data[0]))])
        learning = [part for part in self.network.parameters() if part.requires_grad]
        optimizer, losses, best = optim.Adam(learning, LEARNING_RATE), [], {}
        while len(losses) < MOST_EPOCHS and len(losses) - int(np.argmin([*losses, 9e9])) <= PATIENCE:
            for batch in rest[torch.randperm(len(rest))].split(BATCH):
                ids, numbers, labels = (part[batch] for part in data)
                ids = ids.where(
                    torch.rand(ids.shape) >= UNKNOWN_RATE, 0
                )  # so that row 0, unknown, learns too
                optimizer.zero_grad()
                self.losses(ids, numbers, labels).mean().backward()
                optimizer.step()
            with torch.no_grad():
                losses.append(self.losses(*(part[held_back] for part in data)).mean().item())
            if losses[-1] == min(losses):
                best = {name: part.clone() for name, part in self.network.state_dict().items()}
        self.network.load_state_dict(best)

    def losses(self, ids: torch.Tensor, numbers: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """The cross-entropy of each row; ids count within their column."""
        odds = self.network(ids + self.first_rows, numbers)
        return torch.nn.functional.binary_cross_entropy_with_logits(odds, labels, reduction="none")

    @torch.no_grad()
    def outcomes(self, data: Frame) -> np.ndarray:
        """The log-likelihood of each row, of which more is better."""
        return -self.losses(*self.encode(data)).double().numpy()

    def score(self, data: Frame) -> float:
        """The mean log-likelihood."""
        return float(self.outcomes(data).mean())

    def encode(self, data: Frame) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Ids (rows, columns), numbers (rows, numbers), and 1 for each who earns more than 50,000."""
        labels = torch.tensor([value == RICH for value in data[LABEL]]).float()
        return *self.columns.encode(data), labels


def read(path: Path) -> Frame:
    """The columns of a CSV file, a question mark for a missing value, those of whole numbers as numbers."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    frame: Frame = {name: [None if row[name] == MISSING else row[name] for row in rows] for name in rows[0]}
    for name, values in frame.items():
        if all(value is None or str(value).lstrip("-").isdigit() for value in values):
            frame[name] = [float("nan" if value is None else value) for value in values]
    return frame


def make_up(num_rows: int, rng: np.random.Generator) -> Frame:
    """People whose income depends on country and job together, and on the hours they work."""
    country, job = rng.integers(len(COUNTRIES), size=num_rows), rng.integers(len(JOBS), size=num_rows)
    hours = rng.integers(10, 60, num_rows)
    odds = np.where((country + job) % 3 == 0, 2.0, -2.0) + (hours - 40) / 10
    rich = rng.random(num_rows) < 1 / (1 + np.exp(-odds))
    return {
        "country": [COUNTRIES[place] for place in country],
        "job": [JOBS[place] for place in job],
        "hours": hours.astype(float).tolist(),
        LABEL: [RICH if each else "<=50K" for each in rich],
    }


def main() -> None:
    """Pre-train rows on the categories, try every variant, and print the report."""
    torch.set_num_threads(1)  # the network is small
    rng, is_real = np.random.default_rng(0), len(sys.argv) > 1
    if is_real:
        train, test = (read(Path(sys.argv[1]) / name) for name in ("train.csv", "test.csv"))
    else:
        train, test = make_up(1500, rng), make_up(1000, rng)
    names = [name for name in train if name not in (*LEFT_OUT, LABEL)]
    numeric = [name for name in names if isinstance(train[name][0], float)]
    categorical = [name for name in names if name not in numeric]
    columns = CategoricalColumns.fit(train, categorical, dims=1, numeric=numeric)  # to encode, not to embed
    people = zip(*(train[name] for name in categorical), strict=True)
    sentences = [
        [f"{name}={value}" for name, value in zip(categorical, person, strict=True) if value is not None]
        for person in people
    ]
    recipe = rs.Word2Vec(dim=DIM, window=len(categorical), min_count=1, epochs=5, subsample=0)
    table = recipe.fit(sentences, threads=1)
    print(
        ablate(
            lambda variant, seed: Census(variant, seed, columns),
            train,
            test,
            table,
            dims=[2] if is_real else [],
            seeds=6 if is_real else 1,
        )
    )


if __name__ == "__main__":
    main()
