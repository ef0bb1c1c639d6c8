"""Rows that are frozen, slow, or thawing."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch

from rowspace.errors import RecipeError, RowIdError, UnknownKeyError
from rowspace.nn import optim
from rowspace.nn.embedding import Embedding
from rowspace.nn.row_rates import Choice, Thaw, freeze_rows, hold_rows, set_row_rate, unfreeze_rows
from rowspace.table import Table


class Owner:
    """Stands for an optimizer of rowspace.nn.optim, and notes what rates it met when asked to settle."""

    def __init__(self, layer: Embedding) -> None:
        self.layer, self.met = layer, []
        layer.weight.collector = self

    def settle(self, weight: torch.nn.Parameter, ids: torch.Tensor | None, *, distinct: bool = False) -> None:
        self.met.append((ids, None if weight.rates is None else weight.rates.tolist()))

    def is_behind(self, weight: torch.nn.Parameter) -> bool:
        return False


def rates(layer: Embedding) -> list[float]:
    return layer.weight.rates.tolist()


@pytest.mark.parametrize(
    "rows",
    [[0, 3], torch.tensor([0, 3]), torch.tensor([[3], [0]], dtype=torch.int32), np.array([3, 0]), (0, 3, 3)],
)
def test_rows_are_frozen_by_id(rows: Choice):
    layer = Embedding(4, 2)
    freeze_rows(layer, rows)
    assert rates(layer) == [0, 1, 1, 0]
    unfreeze_rows(layer, [0])
    assert rates(layer) == [1, 1, 1, 0]


def test_rows_are_frozen_by_key(table: Table):
    layer = Embedding.from_table(table)
    set_row_rate(layer, ["k3", "k1"], 0.5)
    expected = torch.ones(50)
    expected[[1, 3]] = 0.5
    assert torch.equal(layer.weight.rates, expected)
    set_row_rate(layer, table.vocabulary.keys, 0.25)
    assert rates(layer) == [0.25] * 50


def test_all_rows_and_none():
    layer = Embedding(3, 2)
    set_row_rate(layer, "all", 0.5)
    assert rates(layer) == [0.5] * 3
    freeze_rows(layer, [])
    freeze_rows(layer, torch.empty(0))
    assert rates(layer) == [0.5] * 3


def test_rows_are_settled_before_their_rates_change():
    layer = Embedding(3, 2)
    owner = Owner(layer)
    freeze_rows(layer, [1])
    freeze_rows(layer, [2])
    assert owner.met == [(None, None), (None, [1, 0, 1])]


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        ([4], RowIdError, r"\[0, 4\), but 4 was asked for"),
        ([0, -1], RowIdError, r"\[0, 4\), but -1 was asked for"),
        (torch.tensor([0.5]), RowIdError, "whole numbers, but are torch.float32"),
        ([True, False, True, True], RowIdError, "whole numbers, but are torch.bool"),
        (["a"], RecipeError, "no vocabulary, so rows are chosen by row id"),
        ("king", RecipeError, r"write \['king'\]"),
    ],
)
def test_rows_that_do_not_exist_are_refused(rows: Choice, error: type[Exception], message: str):
    layer = Embedding(4, 2)
    with pytest.raises(error, match=message):
        freeze_rows(layer, rows)
    assert layer.weight.rates is None


def test_an_unknown_key_is_refused(table: Table):
    with pytest.raises(UnknownKeyError, match="'new' is not"):
        freeze_rows(Embedding.from_table(table), ["k1", "new"])


@pytest.mark.parametrize("rate", [-0.5, float("nan"), float("inf")])
def test_a_rate_outside_its_range_is_refused(rate: float):
    with pytest.raises(RecipeError, match="finite number of at least 0"):
        set_row_rate(Embedding(4, 2), [0], rate)


@pytest.mark.unchecked
def test_a_layer_of_torch_is_refused():
    with pytest.raises(RecipeError, match="this layer's is a Parameter"):
        freeze_rows(torch.nn.Embedding(4, 2), [0])


TORCH_OPTIMIZERS = [
    partial(torch.optim.SGD, lr=0.1, momentum=0.9, weight_decay=0.1),
    partial(torch.optim.AdamW, lr=0.1, weight_decay=0.1),
    partial(torch.optim.Adagrad, lr=0.1),
]


def train(layer: torch.nn.Embedding, optimizer: torch.optim.Optimizer, steps: int = 5) -> None:
    source = torch.Generator().manual_seed(1)
    for _ in range(steps):
        optimizer.zero_grad()
        layer(torch.randint(0, 6, (8,), generator=source)).square().sum().backward()
        optimizer.step()


@pytest.mark.parametrize("make", TORCH_OPTIMIZERS)
def test_an_optimizer_of_torch_holds_frozen_rows(make: Callable[..., torch.optim.Optimizer]):
    layer = Embedding(6, 3)
    free = copy.deepcopy(layer)
    optimizer = make(layer.parameters())
    freeze_rows(layer, [1, 4])
    hold_rows(layer, optimizer)
    before = layer.weight.detach().clone()
    train(layer, optimizer)
    train(free, make(free.parameters()))
    assert torch.equal(layer.weight[[1, 4]], before[[1, 4]])
    torch.testing.assert_close(layer.weight[[0, 2, 3, 5]], free.weight[[0, 2, 3, 5]])
    unfreeze_rows(layer, "all")
    train(layer, optimizer)
    assert (layer.weight[[1, 4]] != before[[1, 4]]).any(1).all()


def test_a_rate_is_a_learning_rate_of_its_own():
    """One optimizer with rates against one parameter group for each rate."""
    layer = Embedding(4, 3)
    parts = [layer.weight.detach().clone()[[row]].requires_grad_() for row in range(4)]
    row_rates = [1.0, 0.5, 2.0, 0.0]
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1, weight_decay=0.1, momentum=0.9)
    hold_rows(layer, optimizer)
    for row, rate in enumerate(row_rates):
        set_row_rate(layer, [row], rate)
    groups = [{"params": [part], "lr": 0.1 * rate} for part, rate in zip(parts, row_rates, strict=True)]
    expected = torch.optim.SGD(groups, weight_decay=0.1, momentum=0.9)
    for _ in range(3):
        for each in (optimizer, expected):
            each.zero_grad()
        layer(torch.arange(4)).pow(3).sum().backward()
        torch.cat(parts).pow(3).sum().backward()
        optimizer.step()
        expected.step()
    torch.testing.assert_close(layer.weight.detach(), torch.cat(parts).detach())


def test_holding_twice_is_holding_once():
    layer, twice = Embedding(4, 3), None
    twice = copy.deepcopy(layer)
    for each, times in ((layer, 1), (twice, 2)):
        optimizer = torch.optim.SGD(each.parameters(), lr=0.1)
        set_row_rate(each, "all", 0.5)
        for _ in range(times):
            hold_rows(each, optimizer)
        each(torch.arange(4)).square().sum().backward()
        optimizer.step()
    assert torch.equal(layer.weight, twice.weight)


@pytest.mark.parametrize("sparse", [False, True])
def test_without_holding_backward_says_what_is_missing(sparse: bool):
    layer = Embedding(4, 3, sparse=sparse)
    freeze_rows(layer, [0])
    with pytest.raises(RecipeError, match=r"call hold_rows\(layer, optimizer\)"):
        layer(torch.arange(4)).sum().backward()
    with pytest.raises(RecipeError, match="hold_rows"):
        copied = copy.deepcopy(layer)
        freeze_rows(copied, [1])
        copied(torch.arange(4)).sum().backward()
    unfreeze_rows(layer, "all")
    layer(torch.arange(4)).sum().backward()


def test_holding_ends_with_the_optimizer():
    layer = Embedding(4, 3)
    freeze_rows(layer, [0])
    hold_rows(layer, torch.optim.SGD(layer.parameters(), lr=0.1))
    with pytest.raises(RecipeError, match="hold_rows"):
        layer(torch.arange(4)).sum().backward()


def test_an_optimizer_of_other_parameters_is_refused():
    optimizer = torch.optim.SGD([torch.ones(2, requires_grad=True)], lr=0.1)
    with pytest.raises(RecipeError, match="an optimizer that steps the layer's weight"):
        hold_rows(Embedding(4, 3), optimizer)


def test_another_dtype_is_held_too():
    layer = Embedding(4, 3, dtype=torch.float64)
    before = layer.weight.detach().clone()
    optimizer = optim.SGD(layer.parameters(), lr=0.1)
    freeze_rows(layer, [0])
    hold_rows(layer, optimizer)
    layer(torch.arange(4)).sum().backward()
    optimizer.step()
    assert (layer.weight == before).all(1).tolist() == [True, False, False, False]


def test_a_table_that_does_not_train_takes_rates(table: Table):
    layer = Embedding.from_table(table, freeze=True)
    freeze_rows(layer, ["k1"])
    assert layer.weight.rates.sum() == 49


def test_an_optimizer_of_rowspace_needs_no_holding():
    layer = Embedding(4, 3)
    before = layer.weight.detach().clone()
    optimizer = optim.SGD(layer.parameters(), lr=0.1)
    set_row_rate(layer, [0], 0.5)
    hold_rows(layer, optimizer)
    layer(torch.arange(2)).sum().backward()
    optimizer.step()
    torch.testing.assert_close(
        before - layer.weight.detach(), torch.tensor([0.05, 0.1, 0, 0])[:, None].expand(4, 3)
    )


def test_a_layer_with_frozen_rows_can_be_exported():
    layer = Embedding(4, 3)
    freeze_rows(layer, [0])
    program = torch.export.export(layer.eval(), (torch.arange(3),))
    assert torch.equal(program.module()(torch.tensor([2, 0, 1])), layer.weight[[2, 0, 1]])


def test_rows_thaw_one_group_after_the_other():
    layer = Embedding(6, 2)
    thaw = Thaw(layer, {3: "all", 0: [5], 1: [0, 1]})
    assert rates(layer) == [0, 0, 0, 0, 0, 1]
    thaw.step()
    assert rates(layer) == [1, 1, 0, 0, 0, 1]
    thaw.step()
    assert rates(layer) == [1, 1, 0, 0, 0, 1]
    thaw.step()
    assert rates(layer) == [1] * 6


def test_rows_outside_the_schedule_and_earlier_rates_stay():
    layer = Embedding(4, 2)
    set_row_rate(layer, [0, 3], 0.5)
    thaw = Thaw(layer, {1: [0, 1]})
    assert rates(layer) == [0, 0, 1, 0.5]
    thaw.step()
    assert rates(layer) == [0.5, 1, 1, 0.5]


def test_thawing_leaves_alone_what_was_set_since():
    layer = Embedding(4, 2)
    thaw = Thaw(layer, {0: [0], 1: [1]})
    set_row_rate(layer, [0], 0.1)
    thaw.step()
    assert rates(layer) == pytest.approx([0.1, 1, 1, 1])


def test_rows_thaw_by_key(table: Table):
    layer = Embedding.from_table(table)
    thaw = Thaw(layer, {1: ["k7"], 2: "all"})
    thaw.step()
    assert torch.nonzero(layer.weight.rates).tolist() == [[7]]


def test_thawing_goes_on_from_a_checkpoint():
    layer = Embedding(4, 2)
    thaw = Thaw(layer, {1: [0, 1], 2: [2]})
    thaw.step()
    other = Embedding(4, 2)
    again = Thaw(other, {1: [0, 1], 2: [2]})
    again.load_state_dict(thaw.state_dict())
    assert rates(other) == rates(layer) == [1, 1, 0, 1]
    again.step()
    assert rates(other) == [1] * 4
    again.load_state_dict(thaw.state_dict())
    assert rates(other) == [1, 1, 0, 1]


def test_thawing_settles_first():
    layer = Embedding(3, 2)
    owner = Owner(layer)
    thaw = Thaw(layer, {1: [0]})
    seen = len(owner.met)
    thaw.step()
    assert owner.met[seen:] == [(None, [0, 1, 1])]


def test_a_schedule_before_the_start_is_refused():
    with pytest.raises(RecipeError, match="epochs from 0 on, but the schedule has -1"):
        Thaw(Embedding(3, 2), {-1: [0]})
