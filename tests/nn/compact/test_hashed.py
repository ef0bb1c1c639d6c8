"""Hashed tables: which rows make an id."""

from __future__ import annotations

import pytest
import torch

from rowspace.errors import RecipeError
from rowspace.nn.compact import HashedEmbedding


@pytest.mark.parametrize("num_hashes", [1, 2, 4])
def test_a_vector_is_the_sum_of_its_rows(num_hashes):
    layer, ids = HashedEmbedding(500, 3, num_rows=40, num_hashes=num_hashes), torch.tensor([[7, 499], [7, 0]])
    rows = layer.rows_of(ids)
    assert rows.shape == (2, 2, num_hashes)
    torch.testing.assert_close(layer(ids), layer.rows.weight[rows].sum(-2))


def test_ids_hardly_ever_share_all_their_rows():
    layer = HashedEmbedding(10_000, 1, num_rows=1_000, num_hashes=3)
    distinct = layer.rows_of(torch.arange(10_000)).sort(-1).values.unique(dim=0)
    assert len(distinct) > 9_900


def test_nothing_is_stored_for_an_id():
    layer = HashedEmbedding(2**62, 4, num_rows=10)
    assert layer(torch.tensor([0, 2**62 - 1])).shape == (2, 4)
    assert layer.num_parameters == 40


def test_the_seed_picks_the_rows():
    first, second, other = (HashedEmbedding(100, 2, 50, seed=seed) for seed in (5, 5, 6))
    ids = torch.arange(100)
    assert torch.equal(first.rows_of(ids), second.rows_of(ids))
    assert not torch.equal(first.rows_of(ids), other.rows_of(ids))


def test_a_state_brings_its_hashes_along():
    first, second, ids = HashedEmbedding(100, 2, 50, seed=5), HashedEmbedding(100, 2, 50), torch.arange(100)
    second.load_state_dict(first.state_dict())
    assert torch.equal(first(ids), second(ids))


def test_a_cast_leaves_the_hashes_alone():
    layer, ids = HashedEmbedding(100, 2, 50), torch.arange(100)
    before = layer.rows_of(ids)
    assert torch.equal(layer.to(torch.bfloat16).rows_of(ids), before)
    assert layer(ids).dtype == torch.bfloat16


@pytest.mark.filterwarnings("ignore")  # of the exporter's own packages
def test_another_runtime_finds_the_same_rows(tmp_path):
    """ONNX's integers wrap as torch's do."""
    pytest.importorskip("onnxscript")
    runtime = pytest.importorskip("onnxruntime")
    layer, path = HashedEmbedding(2**50, 4, num_rows=37), tmp_path / "layer.onnx"
    ids = torch.randint(0, 2**50, (3, 20))
    torch.onnx.export(layer.eval(), (ids,), path, dynamo=True, verbose=False)
    session = runtime.InferenceSession(path)
    (found,) = session.run(None, {session.get_inputs()[0].name: ids.numpy()})
    torch.testing.assert_close(torch.from_numpy(found), layer(ids).detach())


@pytest.mark.parametrize("size", ["num_embeddings", "embedding_dim", "num_rows", "num_hashes"])
def test_sizes_below_one_are_refused(size):
    sizes = {"num_embeddings": 9, "embedding_dim": 2, "num_rows": 4, "num_hashes": 2} | {size: 0}
    with pytest.raises(RecipeError, match=f"{size} must be a whole number from 1 on, but is 0"):
        HashedEmbedding(**sizes)
