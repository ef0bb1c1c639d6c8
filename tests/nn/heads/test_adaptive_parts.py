"""TiedRows: rows of a layer in the place of a Linear layer."""

import copy

import pytest
import torch

from rowspace.nn import Embedding
from rowspace.nn.heads.adaptive_parts import TiedRows


def test_the_logits_are_products_with_the_first_values_of_the_rows():
    layer, ids = Embedding(9, 4), torch.tensor([5, 2, 8])
    rows = TiedRows(layer, ids, width=3, extra=2, bias=True)
    torch.nn.init.normal_(rows.bias)
    hidden = torch.randn(6, 3)
    expected = hidden @ torch.cat([layer.weight[ids][:, :3], rows.own.weight]).T + rows.bias
    torch.testing.assert_close(rows(hidden), expected)
    torch.testing.assert_close(rows(hidden.view(2, 3, 3)), expected.view(2, 3, 5))


def test_the_layer_learns_in_these_rows_alone():
    layer = Embedding(9, 4)
    TiedRows(layer, torch.tensor([5, 2]), width=3)(torch.randn(6, 3)).square().sum().backward()
    assert layer.weight.grad[:, :3].any(1).nonzero().squeeze(1).tolist() == [2, 5]
    assert not layer.weight.grad[:, 3].any()


def test_without_positions_no_row_is_touched(collecting):
    layer = Embedding(9, 4)
    owner = collecting(layer)
    hidden = torch.zeros(0, 3, requires_grad=True)
    logits = TiedRows(layer, torch.tensor([5, 2]), width=3)(hidden)
    logits.sum().backward()
    assert logits.shape == (0, 2)
    assert hidden.grad.shape == (0, 3)
    assert layer.weight.grad is None
    assert owner.settled == []


def test_the_layer_is_not_listed_again():
    layer = Embedding(9, 4)
    rows = TiedRows(layer, torch.tensor([5, 2]), width=4, extra=1)
    assert list(rows.state_dict()) == ["own.weight"]
    both = torch.nn.ModuleDict({"layer": layer, "rows": rows})
    twin = copy.deepcopy(both)
    hidden = torch.randn(2, 4)
    with torch.no_grad():
        twin["layer"].weight.zero_()
    assert not twin["rows"](hidden)[:, :2].any()
    assert both["rows"](hidden)[:, :2].any()


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_parts_have_the_dtype_of_the_layer(dtype):
    rows = TiedRows(Embedding(9, 4, dtype=dtype), torch.tensor([1]), width=4, extra=1, bias=True)
    assert rows(torch.randn(2, 4, dtype=dtype)).dtype == dtype
