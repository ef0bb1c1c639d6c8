"""The LSTM against torch's."""

from __future__ import annotations

import pytest
import torch
from torch.nn.utils.rnn import PackedSequence

from rowspace.tasks.tagging.recurrence import BiLSTM
from rowspace.tasks.tagging.steps import Steps

WIDTH, HIDDEN = 4, 3
GATES = [0, 1, 3, 2]  # torch keeps the new cell before the gate of the output


def peer(layer):
    """torch's LSTM with the same weights."""
    other = torch.nn.LSTM(WIDTH, HIDDEN, bidirectional=True)
    with torch.no_grad():
        inputs = layer.inputs.weight.view(2, 4, HIDDEN, WIDTH)[:, GATES].flatten(1, 2)
        biases = layer.inputs.bias.view(2, 4, HIDDEN)[:, GATES].flatten(1)
        recurrent = layer.recurrent.view(2, HIDDEN, 4, HIDDEN)[:, :, GATES].flatten(2)
        for way, suffix in enumerate(("", "_reverse")):
            getattr(other, f"weight_ih_l0{suffix}").copy_(inputs[way])
            getattr(other, f"weight_hh_l0{suffix}").copy_(recurrent[way].T)
            getattr(other, f"bias_ih_l0{suffix}").copy_(biases[way])
            getattr(other, f"bias_hh_l0{suffix}").zero_()
    return other


@pytest.fixture
def layer():
    torch.manual_seed(0)
    return BiLSTM(WIDTH, HIDDEN)


@pytest.mark.parametrize("sizes", [[4, 4, 3, 1, 1], [1], [3], [2, 2, 2]])
def test_states_and_gradients_are_those_of_torch(layer, sizes):
    steps = Steps(torch.tensor(sizes))
    features = torch.randn(sum(sizes), WIDTH, requires_grad=True)
    same = features.detach().clone().requires_grad_()
    other = peer(layer)
    states, expected = layer(features, steps), other(PackedSequence(same, steps.sizes))[0].data
    torch.testing.assert_close(states, expected)
    weights = torch.randn_like(states)
    (states * weights).sum().backward()
    (expected * weights).sum().backward()
    torch.testing.assert_close(features.grad, same.grad)
    ahead = layer.recurrent.grad[0].view(HIDDEN, 4, HIDDEN)[:, GATES].flatten(1)
    torch.testing.assert_close(ahead.T, other.weight_hh_l0.grad)
    back = layer.inputs.weight.grad.view(2, 4, HIDDEN, WIDTH)[1, GATES].flatten(0, 1)
    torch.testing.assert_close(back, other.weight_ih_l0_reverse.grad)


def test_gradients_are_those_of_differences(layer):
    layer.double()
    features = torch.randn(9, WIDTH, dtype=torch.float64, requires_grad=True)
    steps = Steps(torch.tensor([4, 3, 2]))
    names = [name for name, _ in layer.named_parameters()]

    def states(features, *weights):
        given = dict(zip(names, weights, strict=True))
        return torch.func.functional_call(layer, given, (features, steps))

    assert torch.autograd.gradcheck(states, (features, *layer.parameters()))


def test_a_sentence_is_read_the_same_in_any_company(layer):
    alone, features = Steps(torch.ones(3, dtype=torch.int64)), torch.randn(5, WIDTH)
    together = layer(features, Steps(torch.tensor([2, 2, 1])))
    torch.testing.assert_close(layer(features[[0, 2, 4]], alone), together[[0, 2, 4]])
