"""From tensors to kernels."""

from __future__ import annotations

import pytest
import torch

from rowspace.errors import ShapeError
from rowspace.nn.optim.fused_steps import rates_of, settle_rows_, step_rows_
from rowspace.nn.optim.momentum_history import MomentumHistory
from rowspace.nn.row_gradient import RowGradient, group
from rowspace.nn.row_parameter import RowParameter


@pytest.fixture(params=[1, 2])
def threads(request, monkeypatch):
    """As many threads as given, even for little work."""
    monkeypatch.setattr("rowspace.nn.row_kernels.ENTRIES_A_THREAD", 1)
    monkeypatch.setattr(torch, "get_num_threads", lambda: request.param)


def test_a_step_moves_rows_by_their_summed_gradients(threads):
    ids, outputs = torch.randint(0, 50, (200,)), torch.randn(200, 5)
    weight = RowParameter(torch.zeros(60, 5))
    weight.rates = torch.rand(60)
    step_rows_("sgd_", weight, [], group([RowGradient(ids, outputs)], 60), 0.5, 0.0)
    expected = torch.zeros(60, 5).index_add(0, ids, outputs) * -0.5 * weight.rates[:, None]
    torch.testing.assert_close(weight.detach(), expected)


def test_rows_are_settled_once_however_often_they_are_named(threads):
    history = MomentumHistory(nesterov=False)
    history.record(learning_rate=1.0, momentum=0.5)
    weight, velocities = RowParameter(torch.zeros(60, 5)), torch.ones(60, 5)
    last = torch.zeros(60, dtype=torch.int64)
    settle_rows_("settle_momentum_", weight, [velocities], last, torch.arange(50).repeat(3), history.steps)
    assert weight[:, 0].tolist() == 50 * [-0.5] + 10 * [0]
    assert velocities[:, 4].tolist() == 50 * [0.5] + 10 * [1]
    assert last.tolist() == 50 * [1] + 10 * [0]


def test_without_rates_all_are_one():
    weight = RowParameter(torch.zeros(3, 5))
    assert len(rates_of(weight)) == 0
    weight.rates = torch.ones(6)[::2]
    assert rates_of(weight).is_contiguous()


def test_what_is_kept_of_another_table_is_refused():
    weight, segments = (
        RowParameter(torch.zeros(60, 5)),
        group([RowGradient(torch.tensor([59]), torch.ones(1, 5))], 60),
    )
    for name, shape in (("adagrad_", (50, 5)), ("adagrad_", (60,)), ("rowwise_adagrad_", (60, 5))):
        with pytest.raises(ShapeError, match="anew"):
            step_rows_(name, weight, [torch.zeros(shape)], segments, 0.5, 0.0, 1e-8)
    weight.rates = torch.ones(50)
    with pytest.raises(ShapeError):
        rates_of(weight)
