"""Whether Python may look at the values of a tensor."""

from __future__ import annotations

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from rowspace.nn.tracing import has_values


def test_an_ordinary_tensor_has_values():
    assert has_values(torch.ones(3))
    assert has_values(torch.ones(3, requires_grad=True) * 2)
    with torch.inference_mode():
        assert has_values(torch.ones(3))


def test_tensors_without_values_or_with_many_have_none():
    assert not has_values(torch.ones(3, device="meta"))
    with FakeTensorMode():
        assert not has_values(torch.ones(3))
    seen = []
    torch.vmap(lambda row: seen.append(has_values(row)) or row)(torch.ones(2, 3))
    assert seen == [False]


@pytest.mark.unchecked  # the compiler cannot see into the checks
@pytest.mark.filterwarnings("ignore:`torch.jit.trace` is deprecated")
def test_recording_sees_none():
    seen = []

    def look(tensor):
        seen.append(has_values(tensor))
        return tensor + 1

    torch.jit.trace(look, torch.zeros(1), check_trace=False)
    assert seen == [False]
    compiled = torch.compile(lambda tensor: tensor + float(has_values(tensor)), backend="eager")
    assert compiled(torch.zeros(1)).item() == 0
