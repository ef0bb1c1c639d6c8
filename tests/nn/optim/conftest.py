"""What tests of optimizers share: the same training with our rows and with torch's dense weight."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import torch

from rowspace.nn.embedding import Embedding

Make = Callable[[Any], torch.optim.Optimizer]


@dataclass
class Race:
    """Rows trained by us, by torch's dense optimizer, and by the latter in float64."""

    ours: torch.Tensor
    dense: torch.Tensor
    exact: torch.Tensor
    start: torch.Tensor

    @property
    def error(self) -> float:
        """The largest difference to torch's dense rows."""
        return float((self.ours - self.dense).abs().max())

    @property
    def exact_error(self) -> float:
        """The largest difference to dense rows of float64."""
        return float((self.ours - self.exact).abs().max())


def batches(steps: int, rows: int, generator: torch.Generator) -> Iterator[torch.Tensor]:
    """Ids skewed to the first rows; some rows are met once and then not for a long time, or never."""
    for step in range(steps):
        below = rows - 5 if step % 4 == 0 else rows // 5
        yield (torch.rand(30, generator=generator) ** 3 * below).long()


def train_both(
    ours: Make,
    dense: Make,
    *,
    steps: int = 200,
    rows: int = 150,
    dim: int = 12,
    scale: float = 1.0,
    schedule: Callable[[torch.optim.Optimizer], Any] | None = None,
) -> Race:
    """Train towards random vectors, with a gradient of about `scale` that depends on the rows."""
    generator = torch.Generator().manual_seed(5)
    # Small numbers: after 200 roundings of a weight of 4, dense float32 itself is off by more than 1e-5.
    start, target = (0.3 * torch.randn(rows, dim, generator=generator) for _ in range(2))
    layers = [
        Embedding(rows, dim, _weight=start.clone()),
        torch.nn.Embedding(rows, dim, _weight=start.clone()),
        torch.nn.Embedding(rows, dim, _weight=start.double()),
    ]
    optimizers = [make(layer.parameters()) for make, layer in zip((ours, dense, dense), layers, strict=True)]
    schedulers = [schedule(each) for each in optimizers] if schedule else []
    for ids in batches(steps, rows, generator):
        importance = scale * torch.rand(len(ids), 1, generator=generator)
        for layer, optimizer in zip(layers, optimizers, strict=True):
            optimizer.zero_grad()
            vectors = layer(ids)
            loss = (vectors - target[ids]).square() + vectors.sum(1, keepdim=True).sin()
            (loss * importance).sum().backward()
            optimizer.step()
        for each in schedulers:
            each.step()
    layers[0].settle()
    return Race(*(layer.weight.detach() for layer in layers), start)


@pytest.fixture(name="train_both")
def _train_both() -> Callable[..., Race]:
    """The function above, for test modules."""
    return train_both
