"""Low-rank tables: the product of rows and a projection."""

from __future__ import annotations

import pytest
import torch

from rowspace.errors import RecipeError
from rowspace.nn.compact import LowRankEmbedding


def test_the_table_is_a_product_of_that_rank():
    layer = LowRankEmbedding(50, 12, rank=3)
    table = layer(torch.arange(50))
    torch.testing.assert_close(table, layer.rows.weight @ layer.projection)
    assert torch.linalg.matrix_rank(table) == 3
    assert layer.num_parameters == (50 + 12) * 3


@pytest.mark.parametrize("size", ["num_embeddings", "embedding_dim", "rank"])
def test_sizes_below_one_are_refused(size):
    sizes = {"num_embeddings": 9, "embedding_dim": 2, "rank": 4} | {size: 0}
    with pytest.raises(RecipeError, match=f"{size} must be a whole number from 1 on, but is 0"):
        LowRankEmbedding(**sizes)
