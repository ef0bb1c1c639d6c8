"""Tensor trains: the product of the cores, against the whole tensor written out."""

from __future__ import annotations

import pytest
import torch

from rowspace.errors import RecipeError
from rowspace.nn.compact import TensorTrainEmbedding


def written_out(layer):
    """Every vector by one contraction of whole cores: (product of row factors, dim)."""
    (a, b, c), (x, y, z), rank = layer.row_factors, layer.dim_factors, layer.rank
    first, second, third = (core.weight for core in layer.cores)
    whole = torch.einsum(
        "axr,bryq,cqz->abcxyz",
        first.reshape(a, x, rank),
        second.reshape(b, rank, y, rank),
        third.reshape(c, rank, z),
    )
    return whole.reshape(a * b * c, x * y * z)


@pytest.mark.parametrize("factors", [{}, {"row_factors": (2, 9, 3), "dim_factors": (3, 1, 4)}])
def test_a_vector_is_the_product_of_its_matrices(factors):
    layer = TensorTrainEmbedding(50, 12, rank=5, **factors)
    ids = torch.randint(0, 50, (40,))
    torch.testing.assert_close(layer(ids), written_out(layer)[ids])


@pytest.mark.parametrize("num_cores", [1, 2, 4])
def test_any_number_of_cores_works(num_cores):
    layer = TensorTrainEmbedding(50, 12, rank=2, num_cores=num_cores)
    vectors = layer(torch.arange(50))
    assert vectors.shape == (50, 12)
    assert len(vectors.unique(dim=0)) == 50
    sizes = [core.weight.numel() for core in layer.cores]
    assert layer.num_parameters == sum(sizes)


def test_a_repeated_id_is_computed_once(monkeypatch):
    layer, computed = TensorTrainEmbedding(50, 12, rank=2), []
    layer.cores[0].register_forward_hook(lambda module, inputs, output: computed.append(len(output)))
    layer(torch.tensor([[4, 9, 4], [9, 9, 4]]))
    assert computed == [2]


def test_large_tables_stay_small():
    layer = TensorTrainEmbedding(10**9, 64, rank=4)
    assert layer.num_parameters < 10**5
    assert layer(torch.tensor([10**9 - 1])).shape == (1, 64)


def test_fresh_values_are_nearly_normal():
    """Plain normal cores of this rank give a kurtosis of about 12; a normal distribution has 3."""
    torch.manual_seed(0)
    vectors = torch.cat([TensorTrainEmbedding(1_000, 27, rank=2)(torch.arange(1_000)) for _ in range(20)])
    assert 0.9 < vectors.std().item() < 1.1
    assert (vectors / vectors.std()).pow(4).mean().item() < 5


@pytest.mark.parametrize(
    ("factors", "message"),
    [
        ({"row_factors": (2, 2, 2), "dim_factors": (2, 2, 3)}, "row_factors must multiply to 50 or more"),
        (
            {"row_factors": (4, 4, 4), "dim_factors": (2, 2, 2)},
            r"dim_factors to 12, but \(2, 2, 2\) give 8",
        ),
        ({"row_factors": (8, 8), "dim_factors": (2, 2, 3)}, "one row factor and one dim factor a core"),
        ({"row_factors": (-8, -8, 1), "dim_factors": (2, 2, 3)}, "must be a whole number from 1 on"),
    ],
)
def test_factors_that_do_not_fit_are_refused(factors, message):
    with pytest.raises(RecipeError, match=message):
        TensorTrainEmbedding(50, 12, rank=2, **factors)


@pytest.mark.parametrize("size", ["num_embeddings", "embedding_dim", "rank", "num_cores"])
def test_sizes_below_one_are_refused(size):
    sizes = {"num_embeddings": 9, "embedding_dim": 2, "rank": 4, "num_cores": 3} | {size: 0}
    with pytest.raises(RecipeError, match=f"{size} must be a whole number from 1 on, but is 0"):
        TensorTrainEmbedding(**sizes)
