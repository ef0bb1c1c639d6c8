"""Steps of optimizers on rows: the two kernels agree, and touch nothing but the rows that they are given."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from rowspace import kernels

REFERENCE, CPU = kernels.load("row_steps", "reference"), kernels.load("row_steps", "cpu")
NUM_ROWS, BAGS = 40, 31
NONE = np.empty(0, np.float32)


class Rule(NamedTuple):
    name: str
    states: int  # arrays (num_rows, dim) that the optimizer keeps; 0 with `sums` is one (num_rows,)
    numbers: tuple[float | int | bool, ...]  # what comes after the weight decay
    sums: bool = False


RULES = {
    "sgd": Rule("sgd_", 0, ()),
    "momentum": Rule("momentum_", 1, (0.9, False)),
    "nesterov": Rule("momentum_", 1, (0.9, True)),
    "adagrad": Rule("adagrad_", 1, (1e-10,)),
    "rowwise_adagrad": Rule("rowwise_adagrad_", 0, (1e-8,), sums=True),
    "adam": Rule("adam_", 2, (0.9, 0.999, 1e-8, 3)),
}
ALL_RULES = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
MODULES = pytest.mark.parametrize("module", [REFERENCE, CPU])


class Gradient(NamedTuple):
    rows: np.ndarray
    starts: np.ndarray
    sources: np.ndarray
    coefficients: np.ndarray
    outputs: np.ndarray


def some_gradient(dim: int, count: int = 300, weighted: bool = True) -> Gradient:
    """Entries of which a third belongs to one row; rows 7 and up that 7 divides get none."""
    rng = np.random.default_rng(dim)
    ids = rng.integers(0, NUM_ROWS, count)
    ids[ids % 7 == 0] = 0
    ids[::3] = 5
    rows, starts, order = kernels.load("row_segments", "reference").group_rows(ids, NUM_ROWS)
    coefficients = rng.standard_normal(count).astype(np.float32) if weighted else NONE
    outputs = rng.standard_normal((BAGS, dim)).astype(np.float32)
    return Gradient(rows, starts, rng.integers(0, BAGS, count)[order], coefficients, outputs)


def table(rule: Rule, dim: int) -> list[np.ndarray]:
    """Vectors and what the optimizer keeps of them, as if some steps were done."""
    rng = np.random.default_rng(100 + dim)
    states = [rng.random((NUM_ROWS, dim)) for _ in range(rule.states)]
    states += [rng.random(NUM_ROWS)] * rule.sums
    return [each.astype(np.float32) for each in (rng.standard_normal((NUM_ROWS, dim)), *states)]


def stepped(
    module, rule: Rule, before: list[np.ndarray], gradient: Gradient, rates=NONE, decay=0.0, learning_rate=0.1
) -> list[np.ndarray]:
    after = [each.copy() for each in before]
    getattr(module, rule.name)(*after, *gradient, rates, learning_rate, decay, *rule.numbers)
    return after


@ALL_RULES
@pytest.mark.parametrize("dim", [0, 1, 3, 16, 17, 64, 100])
@pytest.mark.parametrize("count", [0, 1, 300])
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_steps_agree(rule: Rule, dim: int, count: int, decay: float) -> None:
    rates = np.random.default_rng(3).integers(0, 3, NUM_ROWS).astype(np.float32)
    for weighted, chosen in ((False, NONE), (True, rates)):
        gradient = some_gradient(dim, count, weighted)
        before = table(rule, dim)
        wanted, found = (stepped(each, rule, before, gradient, chosen, decay) for each in (REFERENCE, CPU))
        for one, other in zip(wanted, found, strict=True):
            np.testing.assert_allclose(other, one, rtol=2e-5, atol=2e-5)


def by_hand(rule: str, w: float, g: float, lr: float) -> float:
    """Where one number goes in its first step without decay, from the formulas of the papers."""
    return {
        "sgd": w - lr * g,
        "momentum": w - lr * g,
        "nesterov": w - lr * (g + 0.9 * g),
        "adagrad": w - lr * g / abs(g),
        "rowwise_adagrad": w - lr * g / abs(g),
        "adam": w - lr * (0.1 * g / (1 - 0.9**3)) / np.sqrt(0.001 * g * g / (1 - 0.999**3)),
    }[rule]


@MODULES
@pytest.mark.parametrize("name", RULES)
def test_one_number_moves_as_the_formula_says(module, name: str) -> None:
    rule, one = RULES[name], np.ones((1, 1), np.float32)
    before = [one * 3, *([one * 0] * rule.states), *([np.zeros(1, np.float32)] * rule.sums)]
    gradient = Gradient(
        np.array([0]), np.array([0, 2]), np.array([0, 0]), np.array([0.5, 2], np.float32), one * -0.2
    )
    moved = stepped(module, rule, before, gradient)[0]
    np.testing.assert_allclose(moved, by_hand(name, 3, 2.5 * -0.2, 0.1), rtol=1e-5)


@MODULES
@ALL_RULES
@pytest.mark.parametrize("dim", [5, 64])
def test_rows_without_gradient_and_frozen_rows_stay_and_so_does_what_is_kept(
    module, rule: Rule, dim: int
) -> None:
    rates = np.ones(NUM_ROWS, np.float32)
    rates[[5, 9]] = 0
    gradient, before = some_gradient(dim), table(rule, dim)
    gradient.outputs[3] = np.nan  # what a frozen row receives does not matter
    after = stepped(module, rule, before, gradient, rates, decay=0.1)
    moving = np.setdiff1d(gradient.rows, [5, 9])
    still = np.setdiff1d(np.arange(NUM_ROWS), moving)
    assert {5, 7, 9} <= set(still.tolist())
    for old, new in zip(before, after, strict=True):
        assert old[still].tobytes() == new[still].tobytes()
        assert (old[moving] != new[moving]).all()


@MODULES
@ALL_RULES
def test_a_rate_multiplies_the_learning_rate(module, rule: Rule) -> None:
    gradient, before = some_gradient(20), table(rule, 20)
    halves = np.full(NUM_ROWS, 0.5, np.float32)
    slow = stepped(module, rule, before, gradient, halves, decay=0.1)
    for one, other in zip(slow, stepped(module, rule, before, gradient, NONE, 0.1, 0.05), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


@MODULES
@ALL_RULES
def test_with_learning_rate_zero_rows_stay_but_what_is_kept_moves(module, rule: Rule) -> None:
    gradient, before = some_gradient(20), table(rule, 20)
    after = stepped(module, rule, before, gradient, learning_rate=0.0)
    np.testing.assert_array_equal(after[0], before[0])
    for old, new in zip(before[1:], after[1:], strict=True):
        assert (old[gradient.rows] != new[gradient.rows]).all()


@MODULES
@ALL_RULES
def test_slices_of_rows_do_what_all_of_them_do(module, rule: Rule) -> None:
    gradient, before = some_gradient(33), table(rule, 33)
    whole = stepped(module, rule, before, gradient, decay=0.1)
    sliced = before
    for a, b in ((0, 3), (3, 3), (3, len(gradient.rows))):
        part = gradient._replace(rows=gradient.rows[a:b], starts=gradient.starts[a : b + 1])
        sliced = stepped(module, rule, sliced, part, decay=0.1)
    for one, other in zip(whole, sliced, strict=True):
        assert one.tobytes() == other.tobytes()


@MODULES
@ALL_RULES
def test_what_is_not_finite_passes_through(module, rule: Rule) -> None:
    gradient, before = some_gradient(17, weighted=False), table(rule, 17)
    gradient.outputs[:, 16] = np.nan
    after = stepped(module, rule, before, gradient)[0]
    assert np.isnan(after[gradient.rows, 16]).all()
    whole_row = rule.sums  # whose one sum is NaN
    assert np.isnan(after[gradient.rows, :16]).all() == whole_row
    before[0][5] = np.inf
    gradient.outputs[:, 16] = 0
    assert np.isinf(stepped(module, rule, before, gradient)[0][5]).all()


@MODULES
@pytest.mark.parametrize("name", ["adagrad", "rowwise_adagrad", "adam"])
def test_no_gradient_at_all_divides_zero_by_zero_as_torch_does(module, name: str) -> None:
    rule = RULES[name]
    rule = rule._replace(numbers=tuple(0.0 if each in (1e-8, 1e-10) else each for each in rule.numbers))
    zeros = [np.zeros_like(each) for each in table(rule, 3)]
    gradient = some_gradient(3)._replace(outputs=np.zeros((BAGS, 3), np.float32))
    moved = stepped(module, rule, zeros, gradient)[0]
    assert np.isnan(moved[gradient.rows]).all()
