"""What tests of layers share."""

from __future__ import annotations

import pytest
import torch


class Collecting:
    """Stands in for an optimizer: owns rows, steps none."""

    def __init__(self, *layers: torch.nn.Module) -> None:
        self.behind = False
        self.settled: list[torch.Tensor | None] = []
        for layer in layers:
            layer.weight.collector = self

    def settle(self, weight, ids, *, distinct=False) -> None:
        self.settled.append(ids)

    def is_behind(self, weight) -> bool:
        return self.behind


@pytest.fixture
def collecting() -> type[Collecting]:
    """What makes layers collect their gradients as rows, as long as it lives."""
    return Collecting


@pytest.fixture
def dense_gradient():
    """A function of a weight: the gradient that a step would see, as a matrix."""

    def dense(weight) -> torch.Tensor:
        gradient = weight.take_gradient()
        if gradient is None:
            return torch.zeros_like(weight)
        if isinstance(gradient, torch.Tensor):
            return gradient
        summed = gradient.summed()
        return torch.zeros_like(weight.detach()).index_copy(0, summed.rows, summed.outputs)

    return dense
