"""LoRA on a frozen table."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rowspace.errors import RecipeError, UnknownKeyError
from rowspace.nn.embedding import Embedding
from rowspace.nn.lora import LoRAEmbedding
from rowspace.nn.row_parameter import RowParameter
from rowspace.nn.unknown import Unknown
from rowspace.table import Table
from rowspace.vocabulary import Words

IDS = torch.tensor([[1, 9], [4, 1]])


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(5)


@pytest.fixture
def changed():
    """A layer whose change is no longer zero."""
    layer = LoRAEmbedding(Embedding(10, 6, padding_idx=9), rank=2, alpha=3.0)
    torch.nn.init.normal_(layer.projection)
    return layer


def test_it_starts_as_the_table():
    table = Embedding(10, 6)
    layer = LoRAEmbedding(table, rank=2)
    assert torch.equal(layer(IDS), table(IDS))


def test_the_change_is_a_product_scaled_by_alpha_over_rank(changed):
    change = changed.changes.weight[IDS] @ changed.projection * 1.5
    torch.testing.assert_close(changed(IDS), changed.table.weight[IDS] + change)


def test_only_the_change_is_trained(changed):
    before = changed.table.weight.clone()
    trained = [each for each in changed.parameters() if each.requires_grad]
    assert changed.num_trained == sum(each.numel() for each in trained) == (10 + 6) * 2
    step = torch.optim.AdamW(trained, lr=0.1)
    for _ in range(3):
        step.zero_grad()
        changed(IDS).square().sum().backward()
        step.step()
    assert torch.equal(changed.table.weight, before)
    assert changed(torch.tensor([9])).count_nonzero() == 0  # the padding


def test_training_reaches_a_target_of_that_rank():
    target = torch.randn(10, 2) @ torch.randn(2, 6)
    table = Embedding(10, 6)
    goal = table.weight.detach() + target
    layer = LoRAEmbedding(table, rank=2)
    step = torch.optim.Adam([each for each in layer.parameters() if each.requires_grad], lr=0.1)
    for _ in range(200):
        step.zero_grad()
        loss = (layer(torch.arange(10)) - goal).square().mean()
        loss.backward()
        step.step()
    assert loss.item() < 1e-2 < target.square().mean().item()


def test_merging_gives_a_plain_layer_of_its_own(changed):
    merged = changed.merge()
    assert type(merged) is Embedding
    assert merged.padding_idx == 9
    assert not merged.weight.requires_grad
    torch.testing.assert_close(merged(IDS), changed(IDS))
    before = changed(IDS).clone()
    with torch.no_grad():
        merged.weight.zero_()
    assert torch.equal(changed(IDS), before)


def test_a_weight_is_wrapped_without_a_copy():
    weight = RowParameter(torch.randn(10, 6))
    layer = LoRAEmbedding(weight, rank=2)
    assert layer.table.weight.data_ptr() == weight.data_ptr()
    assert torch.equal(layer(IDS), weight[IDS])


def test_it_takes_the_keys_of_its_table():
    table = Table.from_arrays(["a", "b", "c"], np.eye(3, dtype=np.float32))
    layer = LoRAEmbedding(Embedding.from_table(table), rank=1)
    torch.nn.init.normal_(layer.projection)
    assert torch.equal(layer(["c", "a"]), layer(torch.tensor([2, 0])))
    np.testing.assert_allclose(layer.to_table()["b"], layer("b").detach().numpy(), rtol=1e-6)
    with pytest.raises(UnknownKeyError, match="LoRAEmbedding"):
        layer(["z"])


def test_unknown_keys_share_a_changed_row():
    vocabulary = Words.from_keys(["<unk>", "a", "b"], unknown_key="<unk>", missing="unknown")
    layer = LoRAEmbedding(Embedding.from_vocabulary(vocabulary, 3, unknown=Unknown()), rank=1)
    torch.nn.init.normal_(layer.projection)
    assert torch.equal(layer(["never seen"]), layer(["<unk>"]))
    torch.testing.assert_close(layer.merge()(["never seen"]), layer(["<unk>"]))


def test_a_table_with_max_norm_is_refused():
    with pytest.raises(RecipeError, match=r"without max_norm, but its max_norm is 1.0"):
        LoRAEmbedding(Embedding(10, 6, max_norm=1.0), rank=2)


def test_a_random_share_of_unknown_values_is_refused():
    with pytest.raises(RecipeError, match=r"rate 0, but theirs is 0.5"):
        LoRAEmbedding(Embedding(10, 6, unknown=Unknown(row=0, rate=0.5)), rank=2)


def test_a_rank_below_one_is_refused():
    with pytest.raises(RecipeError, match="rank must be a whole number from 1 on, but is 0"):
        LoRAEmbedding(Embedding(10, 6), rank=0)
