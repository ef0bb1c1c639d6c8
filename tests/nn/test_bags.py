from __future__ import annotations

import pytest
import torch

from rowspace.errors import ShapeError
from rowspace.nn.bags import Bags, of_ids


def test_totals_and_numbers_per_entry() -> None:
    bags = Bags(torch.arange(5), torch.tensor([0, 2, 2, 5]))
    assert bags.sizes.tolist() == [2, 0, 3]
    assert bags.per_entry(torch.tensor([7.0, 8.0, 9.0])).tolist() == [7.0, 7.0, 9.0, 9.0, 9.0]
    assert bags.totals(torch.arange(5.0)).tolist() == [1.0, 0.0, 9.0]


def test_fewer_entries_in_the_same_bags() -> None:
    bags = Bags(torch.tensor([4, 5, 6, 7]), torch.tensor([0, 1, 4]), torch.arange(4.0))
    fewer = bags.only(torch.tensor([False, True, False, True]))
    assert fewer.ids.tolist() == [5, 7]
    assert fewer.offsets.tolist() == [0, 0, 2]
    assert fewer.weights.tolist() == [1.0, 3.0]


def test_offsets_with_and_without_the_last() -> None:
    ids = torch.arange(4)
    without = of_ids("bag", ids, torch.tensor([0, 3], dtype=torch.int32), None, includes_last=False)
    with_last = of_ids("bag", ids, torch.tensor([0, 3, 4]), None, includes_last=True)
    assert without.offsets.tolist() == with_last.offsets.tolist() == [0, 3, 4]
    with pytest.raises(ShapeError, match="the last is their number"):
        of_ids("bag", ids, torch.tensor([0, 3]), None, includes_last=True)
    with pytest.raises(ShapeError, match="offsets"):
        of_ids("bag", ids, torch.empty(0, dtype=torch.int64), None, includes_last=True)


def test_jagged_bags_bring_their_weights() -> None:
    parts = [torch.tensor([1, 2]), torch.tensor([3])]
    ids = torch.nested.nested_tensor(parts, layout=torch.jagged)
    weights = torch.nested.nested_tensor([each / 2 for each in parts], layout=torch.jagged)
    bags = of_ids("bag", ids, None, weights, includes_last=False)
    assert bags.ids.tolist() == [1, 2, 3]
    assert bags.offsets.tolist() == [0, 2, 3]
    assert bags.weights.tolist() == [0.5, 1.0, 1.5]
