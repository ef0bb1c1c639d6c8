"""How rows start."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rowspace.errors import RecipeError, ShapeError
from rowspace.nn.embedding import Embedding
from rowspace.nn.initializers import (
    Initializer,
    from_table,
    initializer,
    like,
    normal_scaled,
    uniform_word2vec,
    xavier_normal,
    xavier_uniform,
)
from rowspace.table import Table

NAMES = ["uniform_word2vec", "normal_scaled", "xavier_uniform", "xavier_normal"]


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def filled(fill: Initializer, *shape: int, seed: int = 0) -> torch.Tensor:
    weight = torch.full(shape, math.nan)
    fill(weight, seeded(seed))
    return weight


@pytest.mark.parametrize(
    ("fill", "deviation", "bound"),
    [
        (uniform_word2vec, 0.5 / 40 / math.sqrt(3), 0.5 / 40),
        (normal_scaled, 1 / math.sqrt(40), math.inf),
        (xavier_uniform, math.sqrt(2 / 2040), math.sqrt(6 / 2040)),
        (xavier_normal, math.sqrt(2 / 2040), math.inf),
    ],
)
def test_mean_spread_and_bound(fill: Initializer, deviation: float, bound: float):
    weight = filled(fill, 2000, 40)
    assert abs(weight.mean().item()) < 4 * deviation / math.sqrt(weight.numel())
    assert weight.std().item() == pytest.approx(deviation, rel=0.02)
    assert weight.abs().max().item() <= bound
    assert bound == math.inf or weight.abs().max().item() > 0.99 * bound


@pytest.mark.parametrize(
    ("ours", "theirs"), [("xavier_uniform", "xavier_uniform_"), ("xavier_normal", "xavier_normal_")]
)
def test_xavier_is_torchs(ours: str, theirs: str):
    expected = getattr(torch.nn.init, theirs)(torch.empty(30, 7), generator=seeded())
    torch.testing.assert_close(filled(initializer(ours), 30, 7), expected)


@pytest.mark.parametrize("name", NAMES)
def test_a_generator_makes_it_repeatable(name: str):
    fill = initializer(name)
    assert torch.equal(filled(fill, 9, 4, seed=1), filled(fill, 9, 4, seed=1))
    assert not torch.equal(filled(fill, 9, 4, seed=1), filled(fill, 9, 4, seed=2))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(0, 4), (4, 0), (0, 0)])
def test_no_rows_or_no_dimensions(name: str, shape: tuple[int, int]):
    assert filled(initializer(name), *shape).shape == shape


@pytest.mark.parametrize("name", NAMES)
def test_layers_take_names_and_keep_their_padding_row(name: str):
    torch.manual_seed(5)
    layer = Embedding(6, 4, padding_idx=2, init=name)
    assert (layer.weight[2] == 0).all()
    assert (layer.weight[[0, 1, 3, 4, 5]] != 0).all()
    assert layer.weight.requires_grad


def test_an_unknown_name_is_refused():
    with pytest.raises(RecipeError, match=r"one of uniform_word2vec, .*, but is 'ones'; or pass a function"):
        initializer("ones")


def test_like_has_mean_and_spread_of_each_dimension():
    known = torch.randn(500, 3, generator=seeded()) * torch.tensor([1.0, 5.0, 0.1]) + torch.tensor(
        [0.0, 9.0, -2.0]
    )
    weight = filled(like(known), 50_000, 3)
    torch.testing.assert_close(weight.mean(0), known.mean(0), atol=0.1, rtol=0)
    torch.testing.assert_close(weight.std(0), known.std(0), atol=0.01, rtol=0.02)


def test_like_takes_numpy_and_other_dtypes():
    known = np.array([[1, 2], [3, 2]], np.float32)
    known.flags.writeable = False
    weight = torch.empty(8, 2, dtype=torch.float64)
    like(known)(weight, seeded())
    assert weight[:, 1].tolist() == [2.0] * 8


def test_like_one_row_repeats_it():
    assert filled(like(torch.tensor([[3.0, 4.0]])), 2, 2).tolist() == [[3.0, 4.0]] * 2


def test_like_refuses_no_rows_and_another_dim():
    with pytest.raises(ShapeError, match="at least one known row"):
        like(torch.empty(0, 3))
    with pytest.raises(ShapeError, match="dim 3, but have 2"):
        filled(like(torch.ones(1, 3)), 4, 2)


def test_from_table_copies_rows(table: Table):
    weight = filled(from_table(table), 50, 8)
    assert np.array_equal(weight.numpy(), table.vectors)
    weight.zero_()
    assert table.vectors.any(), "the table's own rows must not change"


def test_from_table_refuses_another_shape(table: Table):
    with pytest.raises(ShapeError, match=r"shape \(50, 8\), but has \(51, 8\)"):
        filled(from_table(table), 51, 8)


def test_from_table_places_rows_by_key(table: Table):
    weight = filled(from_table(table, ["k7", "new", "k3"]), 5, 8)
    assert np.array_equal(weight[[0, 2]].numpy(), table.vectors[[7, 3]])
    known = torch.from_numpy(table.vectors[[7, 3]])
    expected = filled(like(known), 5, 8)
    torch.testing.assert_close(weight[[1, 3, 4]], expected[[1, 3, 4]])


def test_from_table_with_another_start_for_the_missing(table: Table):
    weight = filled(from_table(table, ["new", "k3"], missing=lambda rows, _: rows.fill_(7.0)), 3, 8)
    assert (weight[[0, 2]] == 7).all()
    assert np.array_equal(weight[1].numpy(), table.vectors[3])


def test_from_table_that_knows_none_of_the_keys(table: Table):
    assert torch.equal(filled(from_table(table, ["a", "b"]), 2, 8), filled(normal_scaled, 2, 8))


def test_from_table_refuses_more_keys_than_rows_and_another_dim(table: Table):
    with pytest.raises(ShapeError, match="2 keys and 1 rows"):
        filled(from_table(table, ["k1", "k2"]), 1, 8)
    with pytest.raises(ShapeError, match="dim 8, but have 7"):
        filled(from_table(table, ["k1"]), 1, 7)


def test_a_layer_starts_from_a_table(table: Table):
    layer = Embedding(3, 8, init=from_table(table, ["k1", "new", "k2"]))
    assert np.array_equal(layer.weight.detach()[[0, 2]].numpy(), table.vectors[[1, 2]])
