"""Regularizers on real layers and optimizers, against torch's dense optimizers and the formulas by hand."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
import torch.nn.functional as F

from rowspace.nn import optim
from rowspace.nn.embedding import Embedding
from rowspace.nn.embedding_bag import EmbeddingBag
from rowspace.nn.regularizers import AnchorToPretrained, CowClip, FrequencyDecay, MaxNorm, Regularizer, RowL2
from rowspace.nn.row_gradient import of_sums
from rowspace.nn.row_parameter import RowParameter
from rowspace.nn.row_rates import Thaw, freeze_rows, set_row_rate

ROWS, DIM, STEPS = 12, 4, 15
TARGETS = torch.randn(ROWS, DIM, generator=torch.Generator().manual_seed(1))
START = torch.randn(ROWS, DIM, generator=torch.Generator().manual_seed(2))
LR = 0.05


class Dense:
    """One formula by hand: what happens to a dense weight before and after a step that met `ids`."""

    def before(self, weight: torch.Tensor, ids: torch.Tensor) -> None: ...
    def after(self, weight: torch.Tensor, ids: torch.Tensor) -> None: ...


@dataclass
class DenseL2(Dense):
    strength: float

    def before(self, weight: torch.Tensor, ids: torch.Tensor) -> None:
        for row in set(ids.tolist()):
            weight.grad[row] += self.strength * weight[row]


@dataclass
class DenseAnchor(Dense):
    strength: float

    def before(self, weight: torch.Tensor, ids: torch.Tensor) -> None:
        for row in set(ids.tolist()):
            weight.grad[row] += self.strength * (weight[row] - START[row])


@dataclass
class DenseMaxNorm(Dense):
    limit: float

    def after(self, weight: torch.Tensor, ids: torch.Tensor) -> None:
        for row in set(ids.tolist()):
            weight[row] *= min(1.0, self.limit / weight[row].norm().item())


@dataclass
class DenseCowClip(Dense):
    ratio: float

    def before(self, weight: torch.Tensor, ids: torch.Tensor) -> None:
        for row in set(ids.tolist()):
            limit = (ids == row).sum() * max(self.ratio * weight[row].norm(), 1e-5)
            weight.grad[row] *= min(1.0, (limit / weight.grad[row].norm()).item())


class DenseDecay(Dense):
    def __init__(self, strength: float) -> None:
        self.strength, self.counts = strength, torch.zeros(ROWS)

    def before(self, weight: torch.Tensor, ids: torch.Tensor) -> None:
        self.counts += torch.bincount(ids, minlength=ROWS)
        mean = self.counts[self.counts > 0].mean()
        for row in set(ids.tolist()):
            weight[row] *= torch.exp(-LR * self.strength * mean / self.counts[row])


CASES: dict[str, Callable[[], tuple[list[Regularizer], list[Dense]]]] = {
    "RowL2": lambda: ([RowL2(0.3)], [DenseL2(0.3)]),
    "AnchorToPretrained": lambda: ([AnchorToPretrained(0.4, START)], [DenseAnchor(0.4)]),
    "MaxNorm": lambda: ([MaxNorm(1.2)], [DenseMaxNorm(1.2)]),
    "CowClip": lambda: ([CowClip(0.2)], [DenseCowClip(0.2)]),
    "FrequencyDecay": lambda: ([FrequencyDecay(0.5)], [DenseDecay(0.5)]),
    "in order": lambda: (
        [CowClip(0.2), RowL2(0.3), MaxNorm(1.2)],
        [DenseCowClip(0.2), DenseL2(0.3), DenseMaxNorm(1.2)],
    ),
    "in another order": lambda: ([RowL2(0.3), CowClip(0.2)], [DenseL2(0.3), DenseCowClip(0.2)]),
}

OPTIMIZERS = {
    "SGD": (lambda p: optim.SGD(p, lr=LR), lambda p: torch.optim.SGD(p, lr=LR)),
    "momentum": (
        lambda p: optim.SGD(p, lr=LR, momentum=0.8),
        lambda p: torch.optim.SGD(p, lr=LR, momentum=0.8),
    ),
    "Adagrad": (lambda p: optim.Adagrad(p, lr=LR), lambda p: torch.optim.Adagrad(p, lr=LR)),
    "AdamW": (
        lambda p: optim.AdamW(p, lr=LR, weight_decay=0.1),
        lambda p: torch.optim.AdamW(p, lr=LR, weight_decay=0.1),
    ),
}


def batches(steps: int = STEPS) -> list[torch.Tensor]:
    """Ids where low rows are frequent and repeat within a batch."""
    source = torch.Generator().manual_seed(3)
    return [(torch.rand(7, generator=source) ** 3 * ROWS).long() for _ in range(steps)]


def loss_of(vectors: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    return 3 * (vectors - TARGETS[ids]).square().mean()


def dense(make: Callable, formulas: list[Dense], steps: int = STEPS) -> torch.Tensor:
    weight = START.clone().requires_grad_()
    optimizer = make([weight])
    for ids in batches(steps):
        optimizer.zero_grad()
        loss_of(F.embedding(ids, weight), ids).backward()
        with torch.no_grad():
            for each in formulas:
                each.before(weight, ids)
            optimizer.step()
            for each in formulas:
                each.after(weight, ids)
    return weight.detach()


def by_rows(
    layer: torch.nn.Module, optimizer: torch.optim.Optimizer, some: list[torch.Tensor]
) -> torch.Tensor:
    for ids in some:
        optimizer.zero_grad()
        loss_of(layer(ids.unsqueeze(1)).reshape(-1, DIM), ids).backward()
        optimizer.step()
    layer.settle()
    return layer.weight.detach()


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_rows_follow_the_formula_under_every_optimizer(case: str, name: str):
    ours, theirs = OPTIMIZERS[name]
    regularizers, formulas = CASES[case]()
    layer = Embedding(ROWS, DIM, _weight=START.clone()).regularize(*regularizers)
    result = by_rows(layer, ours(layer.parameters()), batches())
    expected = dense(theirs, formulas)
    torch.testing.assert_close(result, expected, atol=1e-5, rtol=1e-4)
    assert (expected - dense(theirs, [])).abs().max() > 1e-3, "the formula must matter"


@pytest.mark.parametrize("case", CASES)
def test_bags_of_one_row_are_rows(case: str):
    regularizers, formulas = CASES[case]()
    layer = EmbeddingBag(ROWS, DIM, mode="mean", _weight=START.clone()).regularize(*regularizers)
    result = by_rows(layer, optim.SGD(layer.parameters(), lr=LR), batches())
    torch.testing.assert_close(
        result, dense(lambda p: torch.optim.SGD(p, lr=LR), formulas), atol=1e-5, rtol=1e-4
    )


@pytest.mark.parametrize("case", CASES)
def test_reading_the_gradient_first_changes_nothing(case: str):
    """Clipping by norm or unscaling adds the rows up before the step; counts must outlive that."""
    results = []
    for reads in (False, True):
        layer = Embedding(ROWS, DIM, _weight=START.clone()).regularize(*CASES[case]()[0])
        optimizer = optim.SGD(layer.parameters(), lr=LR)
        for ids in batches():
            optimizer.zero_grad()
            loss_of(layer(ids), ids).backward()
            assert not reads or layer.weight.grad is not None
            optimizer.step()
        results.append(layer.weight.detach())
    torch.testing.assert_close(*results)


@pytest.mark.parametrize("case", ["RowL2", "AnchorToPretrained", "MaxNorm"])
def test_a_tied_output_layer_has_all_rows_in_use(case: str):
    regularizers, formulas = CASES[case]()
    layer = Embedding(ROWS, DIM, _weight=START.clone()).regularize(*regularizers)
    weight = START.clone().requires_grad_()
    ours, theirs = optim.SGD(layer.parameters(), lr=LR), torch.optim.SGD([weight], lr=LR)
    for ids in batches(5):
        for optimizer in (ours, theirs):
            optimizer.zero_grad()
        F.cross_entropy(layer.attend(layer(ids)), ids).backward()
        F.cross_entropy(F.embedding(ids, weight) @ weight.T, ids).backward()
        ours.step()
        with torch.no_grad():
            for each in formulas:
                each.before(weight, torch.arange(ROWS))
            theirs.step()
            for each in formulas:
                each.after(weight, torch.arange(ROWS))
    torch.testing.assert_close(layer.weight.detach(), weight.detach(), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_frozen_rows_and_rows_out_of_use_keep_every_bit(case: str, name: str):
    layer = Embedding(ROWS, DIM, _weight=START.clone()).regularize(*CASES[case]()[0])
    freeze_rows(layer, [0, 2, ROWS - 1])
    optimizer = OPTIMIZERS[name][0](layer.parameters())
    unused = sorted(set(range(ROWS)) - set(torch.cat(batches(4)).tolist()))
    assert unused, "some row must be out of use"
    result = by_rows(layer, optimizer, batches(4))
    assert torch.equal(result[[0, 2, ROWS - 1]], START[[0, 2, ROWS - 1]])
    if name != "AdamW":  # whose decay moves all rows
        assert torch.equal(result[unused], START[unused])
    assert (result[1] != START[1]).all()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_rate_is_a_learning_rate_of_its_own(name: str):
    """Rates against one parameter group for each row, in torch."""
    ours, theirs = OPTIMIZERS[name]
    rates = [1.0, 0.5, 2.0, 0.1] * 3
    layer = Embedding(ROWS, DIM, _weight=START.clone())
    optimizer = ours(layer.parameters())
    for row, rate in enumerate(rates):
        set_row_rate(layer, [row], rate)
    parts = [START[[row]].clone().requires_grad_() for row in range(ROWS)]
    expected = theirs([{"params": [part], "lr": LR * rate} for part, rate in zip(parts, rates, strict=True)])
    for ids in batches():
        expected.zero_grad()
        loss_of(F.embedding(ids, torch.cat(parts)), ids).backward()
        expected.step()
    result = by_rows(layer, optimizer, batches())
    torch.testing.assert_close(result, torch.cat(parts).detach(), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", ["SGD", "Adagrad"])
def test_rows_that_thaw_begin_where_they_were(name: str):
    ours, theirs = OPTIMIZERS[name]
    layer = Embedding(ROWS, DIM, _weight=START.clone())
    optimizer, thaw = ours(layer.parameters()), Thaw(layer, {2: [0, 1], 1: [2]})
    weight = START.clone().requires_grad_()
    expected, frozen = theirs([weight]), [[0, 1, 2], [0, 1], []]
    for epoch in range(3):
        by_rows(layer, optimizer, batches(4))
        thaw.step()
        for ids in batches(4):
            expected.zero_grad()
            loss_of(F.embedding(ids, weight), ids).backward()
            weight.grad[frozen[epoch]] = 0  # stops a row where neither decay nor momentum moves it
            expected.step()
    torch.testing.assert_close(layer.weight.detach(), weight.detach(), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", ["momentum", "AdamW"])
def test_steps_that_are_owed_are_made_at_the_old_rates(name: str):
    ours, theirs = OPTIMIZERS[name]
    layer = Embedding(ROWS, DIM, _weight=START.clone())
    optimizer = ours(layer.parameters())
    by_rows(layer, optimizer, [torch.tensor([0, 1])])
    for _ in range(5):  # row 0 moves on by itself, unread
        optimizer.zero_grad()
        layer(torch.tensor([5])).sum().backward()
        optimizer.step()
    freeze_rows(layer, [0])
    for _ in range(5):
        optimizer.zero_grad()
        layer(torch.tensor([5])).sum().backward()
        optimizer.step()
    weight = START.clone().requires_grad_()
    expected = theirs([weight])
    for step in range(6):
        expected.zero_grad()
        if step == 0:
            loss_of(F.embedding(torch.tensor([0, 1]), weight), torch.tensor([0, 1])).backward()
        else:
            F.embedding(torch.tensor([5]), weight).sum().backward()
        expected.step()
    torch.testing.assert_close(layer(torch.tensor([0])), weight[[0]], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("case", CASES)
def test_copies_and_pickles_keep_them(case: str):
    layer = Embedding(ROWS, DIM, _weight=START.clone()).regularize(*CASES[case]()[0])
    by_rows(layer, optim.SGD(layer.parameters(), lr=LR), batches(3))
    results = []
    for each in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer)), layer):
        results.append(by_rows(each, optim.SGD(each.parameters(), lr=LR), batches(3)))
    assert torch.equal(results[0], results[2])
    assert torch.equal(results[1], results[2])


@pytest.mark.parametrize("case", CASES)
def test_state_dict_stays_torchs(case: str):
    layer = Embedding(ROWS, DIM).regularize(*CASES[case]()[0])
    assert list(layer.state_dict()) == ["weight"]


def test_the_layers_max_norm_is_the_regularizer():
    layer = Embedding(ROWS, DIM, max_norm=1.2, _weight=START.clone())
    assert [type(each) for each in layer.weight.regularizers] == [MaxNorm]
    result = by_rows(layer, optim.SGD(layer.parameters(), lr=LR), batches())
    used = torch.cat(batches()).unique()
    assert (result[used].norm(dim=1) <= 1.2 + 1e-5).all()


@pytest.mark.parametrize("regularizers", [case()[0] for case in CASES.values()])
def test_each_is_a_regularizer(regularizers: list[Regularizer]):
    assert all(isinstance(each, Regularizer) for each in regularizers)


@pytest.mark.parametrize("case", CASES)
def test_nothing_waits_for_a_device_or_stays_on_another(case: str):
    """Tensors without values, as on a GPU: reading one, or adding one to a tensor of the CPU, would raise."""
    weight, rows = RowParameter(torch.empty(ROWS, DIM, device="meta")), torch.arange(3, device="meta")
    weight.rates = torch.ones(ROWS)
    for each in CASES[case]()[0]:
        segments = each.before_step(weight, of_sums(rows, torch.empty(3, DIM, device="meta")), LR)
        each.after_step(weight, rows)
        assert segments.outputs.device.type == "meta"
