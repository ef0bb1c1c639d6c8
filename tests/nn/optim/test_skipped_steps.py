"""Rows behind the present."""

from __future__ import annotations

import torch

from rowspace.nn.optim.momentum_history import MomentumHistory
from rowspace.nn.optim.skipped_steps import SkippedSteps
from rowspace.nn.row_parameter import RowParameter


def rows_with_velocity(num_rows: int) -> tuple[RowParameter, SkippedSteps]:
    """Rows of zeros with a velocity of one; all but row 0 skip a step with rate 1 and momentum 1/2."""
    weight = RowParameter(torch.zeros(num_rows, 2))
    history = MomentumHistory(nesterov=False)
    skipped = SkippedSteps("settle_momentum_", weight, [torch.ones(num_rows, 2)], history)
    skipped.settle_before_step(torch.tensor([0]))
    history.record(learning_rate=1.0, momentum=0.5)
    return weight, skipped


def test_the_rows_asked_for_are_settled_once():
    weight, skipped = rows_with_velocity(4)
    for _ in range(2):
        skipped.settle(torch.tensor([2, 0, 2]))
        assert weight[:, 0].tolist() == [0, 0, -0.5, 0]


def test_all_rows_are_settled_in_parts(monkeypatch):
    monkeypatch.setattr("rowspace.nn.optim.skipped_steps.ROWS_AT_ONCE", 3)
    weight, skipped = rows_with_velocity(8)
    skipped.settle()
    assert weight[:, 1].tolist() == [0] + 7 * [-0.5]


def test_once_all_are_settled_nothing_is_looked_at_until_the_next_step(monkeypatch):
    weight, skipped = rows_with_velocity(4)
    skipped.settle()
    monkeypatch.setattr("rowspace.nn.optim.skipped_steps.settle_rows_", None)
    skipped.settle(torch.tensor([1]))
    skipped.settle()
    monkeypatch.undo()
    skipped.history.record(learning_rate=1.0, momentum=0.5)
    skipped.settle(torch.tensor([1]))
    assert weight[:, 0].tolist() == [0, -0.75, -0.5, -0.5]


def test_rows_settled_before_a_step_do_not_skip_it():
    weight, skipped = rows_with_velocity(3)
    skipped.settle_before_step(torch.tensor([1, 2]))
    assert weight[:, 0].tolist() == [0, -0.5, -0.5]
    skipped.history.record(learning_rate=1.0, momentum=0.5)
    skipped.settle()
    assert weight[:, 0].tolist() == [-0.5, -0.5, -0.5]


def test_distinct_rows_are_shared_as_slices(monkeypatch):
    monkeypatch.setattr("rowspace.nn.row_kernels.ENTRIES_A_THREAD", 1)
    weight, skipped = rows_with_velocity(9)
    skipped.settle(torch.arange(1, 6), distinct=True)
    assert weight[:, 0].tolist() == [0] + 5 * [-0.5] + 3 * [0]
