"""The recurrent body goes on from its states."""

from __future__ import annotations

import torch

from rowspace.tasks.generation.recurrent import Recurrent


def test_two_stretches_are_one_long_one():
    torch.manual_seed(0)
    body, vectors = Recurrent(4, 6, 2, 0.0), torch.randn(9, 3, 4)
    whole, end = body(vectors, body.blank(3))
    first, states = body(vectors[:4], body.blank(3))
    second, last = body(vectors[4:], states)
    torch.testing.assert_close(torch.cat([first, second]), whole)
    torch.testing.assert_close(last, end)
