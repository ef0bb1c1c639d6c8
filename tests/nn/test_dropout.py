"""Dropout of values, rows and dimensions."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace.errors import RecipeError
from rowspace.nn.dropout import Dropout
from rowspace.nn.embedding import Embedding


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def share(values: torch.Tensor) -> float:
    return values.float().mean().item()


def test_nothing_is_dropped_outside_of_training():
    vectors = torch.randn(5, 3)
    assert Dropout(0.5, 0.5, 0.5)(vectors, torch.arange(5), training=False) is vectors


def test_the_default_drops_nothing():
    vectors = torch.randn(5, 3)
    assert Dropout()(vectors, torch.arange(5), training=True) is vectors


@pytest.mark.parametrize("generator", [None, seeded()])
def test_elements_fall_one_by_one_and_the_mean_stays(generator: torch.Generator | None):
    torch.manual_seed(0)
    vectors = Dropout(elements=0.25)(torch.ones(1000, 40), None, True, generator)
    assert vectors.unique().tolist() == [0.0, pytest.approx(4 / 3)]
    assert share(vectors == 0) == pytest.approx(0.25, abs=0.01)
    by_row, by_dim = (vectors == 0).float().mean(1), (vectors == 0).float().mean(0)
    assert 0 < by_row.std() < 0.1
    assert 0 < by_dim.std() < 0.1


def test_every_occurrence_of_a_row_falls_together():
    ids = torch.randint(0, 5000, (200, 100), generator=seeded())
    vectors = Dropout(rows=0.3)(torch.ones(200, 100, 4), ids, True, seeded(1))
    dropped = vectors == 0
    assert (dropped == dropped[..., :1]).all()
    falls = torch.bincount(ids.flatten(), dropped[..., 0].flatten().float(), minlength=5000)
    share_of_row = falls / torch.bincount(ids.flatten(), minlength=5000).clamp(min=1)
    assert set(share_of_row.tolist()) == {0.0, 1.0}
    assert share(share_of_row) == pytest.approx(0.3, abs=0.02)
    assert vectors.max().item() == pytest.approx(1 / 0.7)


def test_each_call_drops_other_rows_and_rows_fall_independently():
    ids, dropout, source = torch.arange(64), Dropout(rows=0.5), seeded()
    kept = torch.stack([dropout.keep_coefficients(ids, generator=source) for _ in range(2000)]) / 2
    correlation = torch.corrcoef(kept.T) - torch.eye(64)
    assert (kept.mean(0) - 0.5).abs().max() < 5 * 0.5 / 2000**0.5
    assert correlation.abs().max() < 5.5 / 2000**0.5
    assert len(kept.unique(dim=0)) == 2000


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_any_id_is_decided_alike_within_a_call(row: int, seed: int):
    coefficients = Dropout(rows=0.5).keep_coefficients(torch.full((3,), row), generator=seeded(seed))
    assert coefficients.tolist() in ([0.0] * 3, [2.0] * 3)


def test_ids_beyond_32_bits_are_decided_by_all_their_bits():
    ids = torch.arange(10_000) << 32
    assert share(Dropout(rows=0.4).keep_coefficients(ids, generator=seeded()) == 0) == pytest.approx(
        0.4, abs=0.03
    )


def test_the_coefficients_of_a_bag_are_what_single_rows_get():
    ids, dropout = torch.arange(50, dtype=torch.int32), Dropout(rows=0.5)
    vectors = dropout(torch.ones(50, 1, dtype=torch.float64), ids, True, seeded(3))
    assert vectors.dtype == torch.float64
    assert torch.equal(vectors[:, 0], dropout.keep_coefficients(ids, torch.float64, seeded(3)))


def test_pooled_vectors_lose_no_rows_again():
    assert torch.equal(Dropout(rows=0.9)(torch.ones(100, 2), None, True), torch.ones(100, 2))


def test_the_same_dimensions_fall_for_all_of_a_call():
    vectors = Dropout(dims=0.5)(torch.ones(7, 3, 400), torch.zeros(7, 3, dtype=torch.long), True, seeded())
    assert (vectors == vectors[0, 0]).all()
    assert share(vectors[0, 0] == 0) == pytest.approx(0.5, abs=0.1)
    assert vectors.max() == 2


def test_all_three_together_keep_the_mean():
    ids = torch.arange(4000)
    vectors = Dropout(0.2, 0.3, 0.1)(torch.ones(4000, 200), ids, True, seeded())
    assert share(vectors) == pytest.approx(1.0, abs=0.1)
    assert vectors.max().item() == pytest.approx(1 / (0.8 * 0.7 * 0.9))


def test_a_generator_makes_it_repeatable():
    ids, dropout = torch.arange(30), Dropout(0.3, 0.3, 0.3)
    first, again, other = (dropout(torch.ones(30, 8), ids, True, seeded(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_gradients_pass_where_values_did():
    vectors = torch.ones(20, 6, requires_grad=True)
    dropped = Dropout(0.3, 0.3, 0.3)(vectors, torch.arange(20), True, seeded())
    dropped.sum().backward()
    assert torch.equal(vectors.grad, dropped.detach())


@pytest.mark.parametrize("shape", [(0,), (2, 0)])
def test_an_empty_batch(shape: tuple[int, ...]):
    vectors = Dropout(0.5, 0.5, 0.5)(torch.ones(*shape, 3), torch.zeros(shape, dtype=torch.long), True)
    assert vectors.shape == (*shape, 3)


def test_nothing_waits_for_a_device_or_stays_on_another():
    """Tensors without values, as on a GPU: reading one, or mixing it with one of the CPU, would raise."""
    vectors, ids = torch.empty(4, 3, device="meta"), torch.empty(4, dtype=torch.long, device="meta")
    assert Dropout(0.1, 0.2, 0.3)(vectors, ids, True).device.type == "meta"


@pytest.mark.parametrize("rate", [-0.1, 1.0, 2.0, float("nan")])
@pytest.mark.parametrize("name", ["elements", "rows", "dims"])
def test_a_rate_outside_its_range_is_refused(name: str, rate: float):
    with pytest.raises(RecipeError, match=rf"{name} must lie in \[0, 1\), but is"):
        Dropout(**{name: rate})


class Model(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = Embedding(6, 2, dropout=Dropout(0.5, 0.5, 0.5))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.layer(ids)


def test_the_layer_drops_rows_in_training_alone():
    model, ids = Model(), torch.arange(6).repeat(30)
    assert torch.equal(model.eval()(ids), model.layer.weight[ids])
    torch.manual_seed(0)
    vectors = model.train()(ids).reshape(30, 6, 2)
    for row in range(6):
        assert (vectors[:, row] == 0).all() or (vectors[:, row] != 0).any()
    assert (vectors == 0).any()


class Dropped(torch.nn.Module):
    """No layer: what the compiler makes of Dropout alone."""

    def __init__(self) -> None:
        super().__init__()
        self.dropout = Dropout(0.5, 0.5, 0.5)

    def forward(self, vectors: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        return self.dropout(vectors, ids, self.training) + 1


@pytest.mark.unchecked
def test_compiled_it_is_the_same():
    vectors, ids = torch.randn(8, 3), torch.arange(8)
    compiled = torch.compile(Dropped().eval(), backend="eager", fullgraph=True)
    assert torch.equal(compiled(vectors, ids), vectors + 1)
    trained = torch.compile(Dropped().train(), backend="eager", fullgraph=True)(torch.ones(8, 3), ids)
    assert (trained == 1).any()


def test_exported_nothing_of_it_is_left():
    program = torch.export.export(Dropped().eval(), (torch.randn(8, 3), torch.arange(8)))
    names = [str(node.target) for node in program.graph.nodes if node.op == "call_function"]
    assert names == ["aten.add.Tensor"]
