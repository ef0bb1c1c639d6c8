"""Quotient-remainder tables: how the two rows are joined."""

from __future__ import annotations

import pytest
import torch

from rowspace.errors import RecipeError
from rowspace.nn.compact import QuotientRemainderEmbedding

JOINS = {
    "multiply": lambda quotient, remainder: quotient * remainder,
    "add": lambda quotient, remainder: quotient + remainder,
    "concatenate": lambda quotient, remainder: torch.cat([quotient, remainder], -1),
}


@pytest.mark.parametrize("combine", JOINS)
@pytest.mark.parametrize("num_remainders", [1, 7, 40, 100])
def test_a_vector_joins_the_rows_of_quotient_and_remainder(combine, num_remainders):
    layer = QuotientRemainderEmbedding(40, 5, num_remainders, combine=combine)
    quotients, remainders = layer.quotients.weight, layer.remainders.weight
    vectors = layer(torch.arange(40))
    for row in range(40):
        expected = JOINS[combine](quotients[row // num_remainders], remainders[row % num_remainders])
        torch.testing.assert_close(vectors[row], expected)
    assert len(vectors.unique(dim=0)) == 40


def test_rows_are_as_many_as_the_ids_need():
    layer = QuotientRemainderEmbedding(41, 5, 10, combine="concatenate")
    assert layer.quotients.weight.shape == (5, 2)
    assert layer.remainders.weight.shape == (10, 3)


@pytest.mark.unchecked
def test_another_way_to_join_is_refused():
    with pytest.raises(RecipeError, match="combine must be one of multiply, add, concatenate, but is 'mean'"):
        QuotientRemainderEmbedding(9, 2, 3, combine="mean")


def test_one_dim_cannot_be_divided():
    with pytest.raises(RecipeError, match="concatenate needs an embedding_dim from 2 on"):
        QuotientRemainderEmbedding(9, 1, 3, combine="concatenate")


@pytest.mark.parametrize("size", ["num_embeddings", "embedding_dim", "num_remainders"])
def test_sizes_below_one_are_refused(size):
    sizes = {"num_embeddings": 9, "embedding_dim": 2, "num_remainders": 4} | {size: 0}
    with pytest.raises(RecipeError, match=f"{size} must be a whole number from 1 on, but is 0"):
        QuotientRemainderEmbedding(**sizes)
