"""Row-wise AdaGrad against its formula in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rowspace.nn.embedding import Embedding
from rowspace.nn.optim import Adagrad, RowwiseAdagrad


@pytest.mark.parametrize(
    ("start", "lr_decay", "weight_decay"), [(0.0, 0.0, 0.0), (0.3, 0.05, 0.0), (0.0, 0.0, 0.2)]
)
def test_rows_follow_the_formula(start, lr_decay, weight_decay):
    rng = np.random.default_rng(3)
    layer = Embedding(40, 7)
    optimizer = RowwiseAdagrad(layer.parameters(), 0.1, lr_decay, weight_decay, start)
    w, sums = layer.weight.detach().double().numpy().copy(), np.full(40, start)
    for step in range(60):
        ids, outputs = rng.integers(0, 30, 12), rng.standard_normal((12, 7))
        optimizer.zero_grad()
        (layer(torch.from_numpy(ids)) * torch.from_numpy(outputs).float()).sum().backward()
        optimizer.step()
        met = np.unique(ids)
        g = np.zeros_like(w)
        np.add.at(g, ids, outputs)
        g = g[met] + weight_decay * w[met]
        sums[met] += (g * g).mean(axis=1)
        w[met] -= 0.1 / (1 + step * lr_decay) * g / (np.sqrt(sums[met])[:, None] + 1e-8)
    np.testing.assert_allclose(layer.weight.detach().numpy(), w, atol=1e-5)
    np.testing.assert_allclose(optimizer.state[layer.weight]["sum"].numpy(), sums, rtol=1e-5)


def test_it_keeps_one_number_a_row():
    layer = Embedding(40, 7)
    optimizer = RowwiseAdagrad(layer.parameters())
    layer(torch.tensor([3])).sum().backward()
    optimizer.step()
    assert optimizer.state[layer.weight]["sum"].shape == (40,)


def test_ordinary_parameters_are_stepped_value_by_value():
    ours, theirs = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
    theirs.load_state_dict(ours.state_dict())
    for each, optimizer in (
        (ours, RowwiseAdagrad(ours.parameters())),
        (theirs, Adagrad(theirs.parameters(), eps=1e-8)),
    ):
        each(torch.arange(3.0)).square().sum().backward()
        optimizer.step()
    torch.testing.assert_close(ours.weight, theirs.weight, atol=0, rtol=0)
