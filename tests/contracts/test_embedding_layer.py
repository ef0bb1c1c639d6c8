"""What every embedding layer must do. Each implementation is one parameter."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch

from rowspace.errors import RecipeError, RowIdError, ShapeError
from rowspace.nn import optim
from rowspace.nn.compact import (
    Block,
    EmbeddingLayer,
    HashedEmbedding,
    LowRankEmbedding,
    MixedDimEmbedding,
    NestedEmbedding,
    QuotientRemainderEmbedding,
    TensorTrainEmbedding,
)
from rowspace.nn.embedding import Embedding
from rowspace.nn.lora import LoRAEmbedding
from rowspace.nn.one_hot import OneHot
from rowspace.table import Table
from rowspace.vocabulary import Words

ROWS, DIM = 30, 6
BLOCKS = [Block(4, 6), Block(10, 3), Block(16, 1)]


def adapted(name="lora", **options):
    """LoRA after some training, when its change is no longer zero."""
    layer = LoRAEmbedding(Embedding(ROWS, DIM, **options), rank=2, name=name)
    torch.nn.init.normal_(layer.projection)
    return layer


COMPACT = {
    "hashed": lambda **options: HashedEmbedding(ROWS, DIM, num_rows=50, **options),
    "low rank": lambda **options: LowRankEmbedding(ROWS, DIM, rank=2, **options),
    "multiply": lambda **options: QuotientRemainderEmbedding(ROWS, DIM, 7, combine="multiply", **options),
    "add": lambda **options: QuotientRemainderEmbedding(ROWS, DIM, 7, combine="add", **options),
    "concatenate": lambda **options: QuotientRemainderEmbedding(
        ROWS, DIM, 7, combine="concatenate", **options
    ),
    "mixed": lambda **options: MixedDimEmbedding(BLOCKS, DIM, **options),
    "tensor train": lambda **options: TensorTrainEmbedding(ROWS, DIM, rank=3, **options),
    "nested": lambda **options: NestedEmbedding(ROWS, DIM, [2, 6], **options),
}
IMPLEMENTATIONS = COMPACT | {
    "full": lambda **options: Embedding(ROWS, DIM, **options),
    "lora": adapted,
    "one-hot": lambda **options: OneHot(ROWS, **options),
}
every = pytest.mark.parametrize("build", IMPLEMENTATIONS.values(), ids=IMPLEMENTATIONS)
# Embedding itself has a vocabulary of its own for `to_table`, and stores what its arguments say.
every_but_full = pytest.mark.parametrize(
    "build", [pytest.param(build, id=name) for name, build in IMPLEMENTATIONS.items() if name != "full"]
)
every_trained = pytest.mark.parametrize(
    "build", [pytest.param(build, id=name) for name, build in IMPLEMENTATIONS.items() if name != "one-hot"]
)
every_compact = pytest.mark.parametrize("build", COMPACT.values(), ids=COMPACT)


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(3)


def dense(vectors):
    """Vectors as a plain tensor, which only those of OneHot are not."""
    return vectors + 0


@every
@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (2, 1, 3), (0,), (2, 0, 3)])
def test_the_shape_is_that_of_the_ids_and_one_axis_of_dim(build, shape):
    layer = build()
    vectors = layer(torch.randint(0, ROWS, shape))
    assert vectors.shape == (*shape, layer.embedding_dim)
    assert vectors.dtype == torch.float32


@every
@pytest.mark.parametrize("dtype", [torch.int32, torch.int16, torch.uint8])
def test_ids_of_every_integer_type_mean_the_same(build, dtype):
    layer, ids = build(), torch.randint(0, ROWS, (2, 5))
    assert torch.equal(dense(layer(ids.to(dtype))), dense(layer(ids)))


@every
def test_a_vector_depends_on_its_id_alone(build):
    layer, ids = build(), torch.randint(0, ROWS, (6, 4)).t()  # not contiguous, with repeats
    whole = dense(layer(ids))
    for place in np.ndindex(*ids.shape):
        torch.testing.assert_close(whole[place], dense(layer(ids[place])))


@every
@pytest.mark.parametrize("wrong", [-1, ROWS, 2**40, -(2**63)])
def test_an_id_out_of_range_is_named_with_its_place(build, wrong):
    layer = build(name="films")
    with pytest.raises(
        RowIdError, match=rf"films: row ids must lie in \[0, {ROWS}\), but ids\[1, 2\] is {wrong}"
    ):
        layer(torch.tensor([[0, 1, 2], [3, 4, wrong]]))


@every
def test_ids_that_are_no_whole_numbers_are_refused(build):
    with pytest.raises(ShapeError, match="ids must be whole numbers"):
        build()(torch.tensor([1.0]))


@every_compact
def test_vectors_start_with_the_spread_that_is_asked(build):
    starts = [build(std=0.3)(torch.arange(ROWS)) for _ in range(60)]
    spread = torch.stack(starts).detach().std().item()
    assert 0.27 < spread < 0.33


@every
def test_the_same_seed_gives_the_same_vectors(build):
    ids = torch.arange(ROWS)
    first, second, third = (torch.manual_seed(seed) and dense(build()(ids)) for seed in (1, 1, 2))
    assert torch.equal(first, second)
    assert build is IMPLEMENTATIONS["one-hot"] or not torch.equal(first, third)


@every
def test_gradient_reaches_every_trained_parameter(build):
    layer = build()
    direction = torch.randn(ROWS, layer.embedding_dim, requires_grad=True)
    (layer(torch.arange(ROWS)) * direction).sum().backward()
    for name, each in layer.named_parameters():
        assert (each.grad is not None) == each.requires_grad, name
        assert each.grad is None or each.grad.abs().sum() > 0, name


@every
def test_the_gradient_is_that_of_finite_differences(build):
    layer, ids = build().double(), torch.tensor([[1, 5], [5, 29]])
    trained = {name: each for name, each in layer.named_parameters() if each.requires_grad}

    def vectors(*values):
        return torch.func.functional_call(layer, dict(zip(trained, values, strict=True)), (ids,))

    assert layer(ids).dtype == torch.float64 or not trained
    values = [each.detach().requires_grad_() for each in trained.values()]
    assert not values or torch.autograd.gradcheck(vectors, values)


def train(layer, optimizer):
    """Some steps on different rows towards vectors of ones."""
    step = optimizer([each for each in layer.parameters() if each.requires_grad], lr=0.05)
    ids = torch.randint(0, ROWS, (8, 9), generator=torch.Generator().manual_seed(1))
    for batch in ids:
        step.zero_grad()
        (layer(batch) - 1).square().mean().backward()
        step.step()


@every_trained
def test_lazy_steps_of_rows_end_where_dense_steps_do(build):
    layer = build()
    twin = copy.deepcopy(layer)
    train(layer, optim.AdamW)
    train(twin, torch.optim.AdamW)
    torch.testing.assert_close(layer.to_table().vectors, twin.to_table().vectors, rtol=1e-5, atol=1e-5)


@every_trained
def test_row_wise_adagrad_trains_it(build):
    layer = build()
    before = np.square(layer.to_table().vectors - 1).mean()
    train(layer, optim.RowwiseAdagrad)
    assert np.square(layer.to_table().vectors - 1).mean() < 0.95 * before


@every
def test_padding_is_zero_and_teaches_nothing(build):
    layer, ids = build(padding_idx=-ROWS + 4), torch.tensor([[4, 2], [9, 4]])
    vectors = dense(layer(ids))
    assert layer.padding_idx == 4
    assert torch.equal(vectors == 0, (ids == 4).unsqueeze(-1) | (vectors == 0))
    assert vectors[1, 0].count_nonzero() > 0
    direction = torch.ones(layer.embedding_dim, requires_grad=True)
    (layer(torch.tensor([4, 4])) * direction).sum().backward()
    for name, each in layer.named_parameters():
        assert each.grad is None or each.grad.count_nonzero() == 0, name


@every
@pytest.mark.parametrize("wrong", [ROWS, -ROWS - 1])
def test_padding_outside_the_table_is_refused(build, wrong):
    with pytest.raises((RecipeError, AssertionError), match=r"[Pp]adding_idx"):  # torch's own asserts
        build(padding_idx=wrong)


@every
def test_the_state_restores_the_vectors(build):
    layer, other, ids = build(), build(), torch.arange(ROWS)
    other.load_state_dict(layer.state_dict(), strict=True)
    assert torch.equal(dense(other(ids)), dense(layer(ids)))
    assert set(layer.state_dict()) >= dict(layer.named_parameters()).keys()


@every
def test_copies_are_equal_and_their_own(build):
    layer, ids = build(), torch.arange(ROWS)
    before = dense(layer(ids)).detach().clone()
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert torch.equal(dense(twin(ids)), before)
        with torch.no_grad():
            for each in twin.parameters():
                each.zero_()
        assert torch.equal(dense(layer(ids)), before)


@every_but_full
def test_it_says_its_sizes(build):
    layer = build()
    assert isinstance(layer, EmbeddingLayer)
    assert layer.num_parameters == sum(each.numel() for each in layer.parameters())
    said = repr(layer)
    assert str(ROWS) in said
    assert str(layer.embedding_dim) in said


@every_compact
def test_it_says_how_much_it_saves(build):
    layer = build()
    share = layer.num_parameters / (ROWS * DIM)
    assert f"{layer.num_parameters:,} parameters ({share:.1%} of a full table)" in repr(layer)


@every_but_full
@pytest.mark.parametrize("given", ["keys", "vocabulary", "nothing"])
def test_it_becomes_a_table(build, given):
    layer, keys = build(), [f"film {row}" for row in range(ROWS)]
    arguments = {"keys": [keys], "vocabulary": [Words.from_keys(keys)], "nothing": []}[given]
    table = layer.to_table(*arguments)
    assert isinstance(table, Table)
    assert list(table.keys) == (keys if arguments else [str(row) for row in range(ROWS)])
    expected = dense(layer(torch.arange(ROWS))).detach().numpy()
    np.testing.assert_allclose(table.vectors, expected, rtol=1e-6, atol=1e-7)
    assert table.vectors.dtype == np.float32


@every_but_full
def test_a_table_of_more_keys_than_ids_is_refused(build):
    with pytest.raises(ShapeError):
        build().to_table([str(row) for row in range(ROWS + 1)])


@every
def test_the_forward_can_be_exported(build):
    layer, ids = build().eval(), torch.randint(0, ROWS, (3, 5))
    free = torch.export.Dim.DYNAMIC
    exported = torch.export.export(layer, (ids,), dynamic_shapes=({0: free, 1: free},)).module()
    for shape in [(2, 7), (6, 2)]:
        ids = torch.randint(0, ROWS, shape)
        torch.testing.assert_close(exported(ids), dense(layer(ids)))
