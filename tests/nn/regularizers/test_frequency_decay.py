"""Decay by frequency."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from rowspace.errors import RecipeError, ShapeError
from rowspace.nn.regularizers import FrequencyDecay
from rowspace.nn.row_gradient import RowGradient, Segments, group, of_sums
from rowspace.nn.row_parameter import RowParameter

COUNTS = torch.tensor([100, 10, 0, 1, 9])  # mean of those that occur: 30


def met(*ids: int) -> Segments:
    return group([RowGradient(torch.tensor(ids), torch.zeros(len(ids), 2))], num_rows=5)


def factors(decay: FrequencyDecay, segments: Segments, lr: float = 1.0) -> list[float]:
    weight = torch.ones(5, 2)
    assert decay.before_step(weight, segments, lr) is segments
    decay.after_step(weight, segments.rows)
    assert torch.equal(weight[:, 0], weight[:, 1])
    return weight[:, 0].tolist()


@pytest.mark.parametrize("power", [1.0, 0.0, 0.5, -1.0])
def test_rows_in_use_decay_by_their_share_of_the_mean(power: float):
    result = factors(FrequencyDecay(0.2, power, COUNTS), met(0, 3, 2, 3), lr=0.5)
    expected = [np.exp(-0.1 * (30 / count) ** power) for count in (100, 1, 1)]
    assert result == pytest.approx([expected[0], 1, expected[1], expected[2], 1])


def test_over_a_pass_of_the_data_all_rows_decay_alike():
    """One row is in every batch, one in every tenth, one in every hundredth: the paper's reason."""
    counts = torch.tensor([100, 10, 1, 0, 0])
    decay, weight = FrequencyDecay(0.01, counts=counts), torch.ones(5, 2)
    for batch in range(100):
        decay.before_step(weight, met(*(row for row in range(3) if batch % 10**row == 0)), lr=0.1)
    assert weight[:, 0].tolist() == pytest.approx([np.exp(-0.001 * 37)] * 3 + [1, 1], rel=1e-4)


def test_counts_of_numpy_and_dense_gradients():
    result = factors(FrequencyDecay(0.2, counts=COUNTS.numpy()), of_sums(torch.arange(5), torch.zeros(5, 2)))
    assert result == pytest.approx([np.exp(-0.2 * 30 / max(count, 1)) for count in COUNTS.tolist()])


def test_without_counts_it_counts_lookups():
    decay = FrequencyDecay(0.2)
    assert decay.state_dict() == {}
    assert factors(decay, met(0, 0, 0, 4)) == pytest.approx([np.exp(-0.2 * 2 / 3), 1, 1, 1, np.exp(-0.2 * 2)])
    assert factors(decay, met(4, 4, 1)) == pytest.approx(
        [1, np.exp(-0.2 * (7 / 3) / 1), 1, 1, np.exp(-0.2 * (7 / 3) / 3)]
    )
    assert decay.state_dict()["counts"].tolist() == [3, 1, 0, 0, 3]


def test_given_counts_do_not_change():
    decay = FrequencyDecay(0.2, counts=COUNTS)
    factors(decay, met(0, 1))
    assert torch.equal(decay.state_dict()["counts"], COUNTS)


@pytest.mark.parametrize("given", [None, COUNTS])
def test_it_goes_on_from_its_state(given: torch.Tensor | None):
    decay = FrequencyDecay(0.2, counts=given)
    factors(decay, met(0, 0, 1))
    other = FrequencyDecay(0.2, counts=given)
    other.load_state_dict(copy.deepcopy(decay.state_dict()))
    assert factors(other, met(0, 3)) == factors(decay, met(0, 3))


def test_rates_scale_it_and_frozen_rows_stay():
    weight = RowParameter(torch.ones(5, 2))
    weight.rates = torch.tensor([0.0, 0.5, 1.0, 1.0, 1.0])
    FrequencyDecay(0.2, power=0).before_step(weight, met(0, 1, 2), lr=1.0)
    assert weight[:, 0].tolist() == pytest.approx([1, np.exp(-0.1), np.exp(-0.2), 1, 1])


def test_a_huge_decay_ends_at_zero():
    assert factors(FrequencyDecay(1e6, counts=COUNTS), met(3)) == [1, 1, 1, 0, 1]


def test_other_dtypes_keep_theirs():
    weight = torch.ones(5, 2, dtype=torch.bfloat16)
    FrequencyDecay(0.2, counts=COUNTS).before_step(weight, met(0), lr=1.0)
    assert weight.dtype == torch.bfloat16
    assert weight[0, 0] < 1


def test_what_is_out_of_range_is_refused():
    with pytest.raises(RecipeError, match="strength of FrequencyDecay"):
        FrequencyDecay(-0.1)
    with pytest.raises(RecipeError, match="must not be negative, but the least is -3"):
        FrequencyDecay(0.1, counts=torch.tensor([1, -3]))
    with pytest.raises(ShapeError, match="each of the 5 rows, but has 4"):
        factors(FrequencyDecay(0.1, counts=COUNTS[:4]), met(0))
