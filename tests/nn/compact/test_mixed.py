"""Mixed-dimension tables: blocks, and the rule that makes them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rowspace.errors import RecipeError
from rowspace.nn.compact import Block, MixedDimEmbedding
from rowspace.nn.compact.mixed import blocks_of

ZIPF = (1e6 / np.arange(1, 10_001)).astype(np.int64)


def test_a_vector_is_its_blocks_row_times_its_blocks_matrix():
    layer = MixedDimEmbedding([Block(3, 8), Block(5, 2), Block(4, 4)], 8)
    ids = torch.randperm(12)
    expected = torch.cat(
        [
            layer.rows[0].weight,
            layer.rows[1].weight @ layer.projections[1].weight.t(),
            layer.rows[2].weight @ layer.projections[2].weight.t(),
        ]
    )
    torch.testing.assert_close(layer(ids), expected[ids])
    assert layer.num_parameters == 3 * 8 + 5 * 2 + 2 * 8 + 4 * 4 + 4 * 8


def test_a_batch_may_miss_a_block():
    layer = MixedDimEmbedding([Block(3, 8), Block(5, 2), Block(4, 4)], 8)
    layer(torch.tensor([1, 9])).sum().backward()
    assert layer.rows[1].weight.grad.count_nonzero() == 0


def test_blocks_take_equal_shares_of_lookups_and_dims_fall_by_the_power():
    blocks = blocks_of(ZIPF, 64, temperature=0.4, num_blocks=5)
    sizes = [block.num_rows for block in blocks]
    assert sum(sizes) == len(ZIPF)
    ends = np.cumsum(sizes)
    shares = np.array([each.sum() for each in np.split(ZIPF, ends[:-1])]) / ZIPF.sum()
    assert np.abs(shares - 0.2).max() < 0.1  # a block ends with a whole id, and the first has a tenth
    often = shares / sizes
    wide = [block for block in blocks if block.dim < 64]
    assert wide
    for block, times in zip(blocks, often, strict=True):
        if block.dim < 64:
            assert block.dim == round(64 * (times / often[0]) ** 0.4)


def test_temperature_zero_keeps_all_dims():
    assert {block.dim for block in blocks_of(ZIPF, 16, temperature=0.0, num_blocks=4)} == {16}


def test_short_rows_that_save_nothing_are_not_made():
    assert blocks_of(np.array([100, 1]), 64, temperature=1.0, num_blocks=2) == [Block(1, 64), Block(1, 64)]


@pytest.mark.parametrize("num_blocks", [1, 3, 50])
@pytest.mark.parametrize("counts", [[0, 0, 0], [9], [10**12, 5, 5, 1, 0], [2] * 100])
def test_every_id_gets_a_row(counts, num_blocks):
    layer = MixedDimEmbedding.from_counts(np.array(counts), 8, num_blocks=num_blocks)
    assert layer.num_embeddings == len(counts)
    assert all(1 <= block.dim <= 8 for block in layer.blocks)


def test_more_temperature_means_fewer_parameters():
    sizes = [
        MixedDimEmbedding.from_counts(ZIPF, 32, temperature=temperature).num_parameters
        for temperature in (0.0, 0.2, 0.4, 0.8)
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 4


def test_counts_that_rise_are_refused():
    with pytest.raises(RecipeError, match="id 2 has 7 and the one before 3; number ids by falling count"):
        MixedDimEmbedding.from_counts(np.array([9, 3, 7]), 4)


def test_a_negative_temperature_is_refused():
    with pytest.raises(RecipeError, match="temperature must be 0 or more, but is -1"):
        MixedDimEmbedding.from_counts(np.array([9, 3]), 4, temperature=-1.0)


@pytest.mark.parametrize("blocks", [[], [Block(0, 3)], [Block(3, 0)]])
def test_empty_blocks_are_refused(blocks):
    with pytest.raises(RecipeError, match="must be a whole number from 1 on, but is 0"):
        MixedDimEmbedding(blocks, 8)
