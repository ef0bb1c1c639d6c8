"""Nested vectors: prefixes, and the loss that trains them."""

from __future__ import annotations

import pytest
import torch

from rowspace.errors import RecipeError
from rowspace.nn.compact import NestedEmbedding, nested_loss

IDS = torch.arange(40)


def test_a_prefix_is_the_first_values():
    layer = NestedEmbedding(40, 8, [2, 8], padding_idx=3)
    whole, ids = layer(IDS), torch.tensor([[5, 3]])
    assert torch.equal(layer(ids, dim=2), whole[ids][..., :2])
    part = layer.prefix(5)
    assert torch.equal(part(IDS), whole[:, :5])
    assert part.padding_idx == 3
    with torch.no_grad():
        part.weight.zero_()
    assert torch.equal(layer(IDS), whole)


def test_the_loss_is_the_mean_over_cut_vectors():
    users, films = torch.randn(9, 4), torch.randn(9, 4)

    def loss_of(a, b):
        return (a * b).sum(-1).square().mean()

    cut = [loss_of(users[:, :dim], films[:, :dim]) for dim in (1, 3, 4)]
    torch.testing.assert_close(nested_loss(loss_of, users, films, dims=[1, 3, 4]), sum(cut) / 3)
    weighted = nested_loss(loss_of, users, films, dims=[1, 3, 4], shares=[2, 1, 1])
    torch.testing.assert_close(weighted, (2 * cut[0] + cut[1] + cut[2]) / 4)


def test_vectors_keep_their_width_for_the_network_behind():
    linear, vectors = torch.nn.Linear(4, 1), torch.randn(3, 4)
    seen = []
    nested_loss(lambda each: seen.append(each) or linear(each).sum(), vectors, dims=[2, 4])
    assert torch.equal(seen[0], vectors * torch.tensor([1.0, 1, 0, 0]))
    assert torch.equal(seen[1], vectors)


def test_training_by_it_makes_prefixes_good():
    """Vectors that are to reproduce a matrix by their products: the best prefixes are known from its SVD."""
    torch.manual_seed(0)
    factors = torch.randn(40, 4) * torch.tensor([3.0, 2.0, 1.0, 0.5])
    target = factors @ factors.t()
    lost = (
        torch.linalg.eigvalsh(target).flip(0)[:4].square().flip(0).cumsum(0).flip(0)
    )  # without the first dims
    losses = {}
    for dims in ([4], [1, 2, 3, 4]):
        torch.manual_seed(1)
        layer = NestedEmbedding(40, 4, dims, std=0.5)
        step = torch.optim.Adam(layer.parameters(), lr=0.2)
        for _ in range(200):
            step.zero_grad()
            nested_loss(
                lambda each: (each @ each.t() - target).square().sum(), layer(IDS), dims=dims
            ).backward()
            step.step()
        with torch.no_grad():
            parts = [layer(IDS, dim=dim) for dim in (1, 2, 3)]
            losses[len(dims)] = [(each @ each.t() - target).square().sum().item() for each in parts]
    for dim in range(3):
        assert losses[4][dim] < 1.1 * lost[dim + 1].item()
        assert losses[1][dim] > 1.5 * lost[dim + 1].item()


@pytest.mark.parametrize("dims", [[], [0, 4], [4, 4], [4, 2], [2, 9]])
def test_dims_that_do_not_rise_within_the_width_are_refused(dims):
    with pytest.raises(RecipeError, match="dims must rise within 1 to 8"):
        NestedEmbedding(9, 8, dims)
    with pytest.raises(RecipeError, match="dims must rise within 1 to 8"):
        nested_loss(torch.sum, torch.ones(2, 8), dims=dims)


@pytest.mark.parametrize("shares", [[1.0], [0.0, 0.0]])
def test_shares_that_do_not_fit_are_refused(shares):
    with pytest.raises(RecipeError, match="a share for each of 2 dims"):
        nested_loss(torch.sum, torch.ones(2, 8), dims=[4, 8], shares=shares)


@pytest.mark.parametrize("dim", [0, 9, -1])
def test_a_prefix_outside_the_vector_is_refused(dim):
    layer = NestedEmbedding(9, 8, [8])
    for ask in (lambda: layer.prefix(dim), lambda: layer(torch.tensor([1]), dim=dim)):
        with pytest.raises(RecipeError, match=f"1 to 8 dims, but is asked for {dim}"):
            ask()
