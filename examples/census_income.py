"""Predict who earns over 50,000: embeddings of columns and a small network against one-hot regression.

python examples/census_income.py [FOLDER]

FOLDER holds train.csv and test.csv of the UCI data set "Adult" with a line of names, of which "income" is the
one to predict. Without it the program makes up a census of its own, with a country that only the test has.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
import torch

from rowspace.nn import optim
from rowspace.nn.columns import CategoricalColumns

Frame = dict[str, list[str | None]]

LABEL, RICH, MISSING = "income", ">50K", "?"
LEFT_OUT = ("fnlwgt",)  # how many people a row stands for, which says nothing of any one of them
BATCH, LEARNING_RATE, HIDDEN = 256, 0.01, 32
ONE_HOT_EPOCHS, EMBEDDING_EPOCHS = 20, 4  # as many as each needs
COUNTRIES = ("Norway", "Peru", "Ghana", "Japan", "Malta", "Nepal")
JOBS = ("cook", "smith", "judge", "nurse", "pilot", MISSING)


class Network(torch.nn.Module):
    """Embeddings of the categories and the numbers, read by one hidden layer."""

    def __init__(self, columns: CategoricalColumns) -> None:
        super().__init__()
        self.columns = columns
        self.hidden = torch.nn.Linear(columns.output_dim, HIDDEN)
        self.output = torch.nn.Linear(HIDDEN, 1)

    def forward(self, ids: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
        """The log-odds of each row, (rows,)."""
        return self.output(torch.relu(self.hidden(self.columns(ids, numbers)))).squeeze(1)


class LogisticRegression(torch.nn.Module):
    """One weight a category, which is a column of dim 1, and one a number: all added up."""

    def __init__(self, columns: CategoricalColumns) -> None:
        super().__init__()
        self.columns = columns
        self.numbers = torch.nn.Linear(len(columns.encoder.number_names), 1)

    def forward(self, ids: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
        """The log-odds of each row, (rows,)."""
        values = self.columns(ids, numbers)[:, : ids.shape[1]]
        return values.sum(1) + self.numbers(numbers).squeeze(1)


def read(path: Path) -> Frame:
    """The columns of a CSV file, a question mark for a missing value."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [None if row[name] == MISSING else row[name] for row in rows] for name in rows[0]}


def make_up(num_rows: int, num_countries: int, rng: np.random.Generator) -> Frame:
    """People whose income depends on country and job together, and on the hours they work."""
    country, job = rng.integers(num_countries, size=num_rows), rng.integers(len(JOBS), size=num_rows)
    hours = rng.integers(10, 60, num_rows)
    odds = np.where((country + job) % 3 == 0, 2.0, -2.0) + (hours - 40) / 10
    rich = rng.random(num_rows) < 1 / (1 + np.exp(-odds))
    return {
        "country": [COUNTRIES[place] for place in country],
        "job": [None if JOBS[place] == MISSING else JOBS[place] for place in job],
        "hours": [str(each) for each in hours],
        LABEL: [RICH if each else "<=50K" for each in rich],
    }


def with_numbers(frame: Frame, numeric: list[str]) -> dict[str, list[str | None] | list[float]]:
    """The frame with the numeric columns as numbers."""
    return {
        name: [float("nan" if value is None else value) for value in values] if name in numeric else values
        for name, values in frame.items()
    }


def is_numeric(values: list[str | None]) -> bool:
    """Whether every value that is there is a whole number."""
    return all(value is None or value.lstrip("-").isdigit() for value in values)


def train(model: torch.nn.Module, data: torch.utils.data.TensorDataset, epochs: int) -> None:
    """Adam on the rows that each batch met, the learning rate falling to nothing."""
    loader = torch.utils.data.DataLoader(data, BATCH, shuffle=True)
    optimizer = optim.Adam(model.parameters(), LEARNING_RATE)
    steps = epochs * len(loader)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
    model.train()
    for _ in range(epochs):
        for ids, numbers, labels in loader:
            optimizer.zero_grad()
            torch.nn.functional.binary_cross_entropy_with_logits(model(ids, numbers), labels).backward()
            optimizer.step()
            schedule.step()


@torch.no_grad()
def score(model: torch.nn.Module, ids: torch.Tensor, numbers: torch.Tensor, labels: torch.Tensor) -> str:
    """Accuracy and log-loss."""
    odds = model.eval()(ids, numbers)
    accuracy = ((odds > 0) == (labels > 0)).float().mean().item()
    loss = torch.nn.functional.binary_cross_entropy_with_logits(odds, labels).item()
    return f"accuracy {accuracy:.4f}  log-loss {loss:.4f}"


def main() -> None:
    """Train both models on the same rows and print how they do on the others."""
    torch.manual_seed(0)
    torch.set_num_threads(1)  # the network is small
    if len(sys.argv) > 1:
        frames = [read(Path(sys.argv[1]) / name) for name in ("train.csv", "test.csv")]
    else:
        rng = np.random.default_rng(0)
        frames = [make_up(6_000, len(COUNTRIES) - 1, rng), make_up(3_000, len(COUNTRIES), rng)]
    labels = [torch.tensor([value == RICH for value in frame.pop(LABEL)]).float() for frame in frames]
    names = [name for name in frames[0] if name not in LEFT_OUT]
    numeric = [name for name in names if is_numeric(frames[0][name])]
    categorical = [name for name in names if name not in numeric]
    training, test = (with_numbers(frame, numeric) for frame in frames)

    for title, dims, kind, epochs in (
        ("one-hot", 1, LogisticRegression, ONE_HOT_EPOCHS),
        ("embeddings", None, Network, EMBEDDING_EPOCHS),
    ):
        columns = CategoricalColumns.fit(training, categorical, dims, numeric=numeric)
        model = kind(columns)
        train(model, torch.utils.data.TensorDataset(*columns.encode(training), labels[0]), epochs)
        print(f"{title:<10}  {score(model, *columns.encode(test), labels[1])}")
    print(columns.report())


if __name__ == "__main__":
    main()
