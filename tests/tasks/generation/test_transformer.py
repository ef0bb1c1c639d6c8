"""The attending body looks back only."""

from __future__ import annotations

import torch

from rowspace.tasks.generation.transformer import Transformer


def test_what_comes_later_changes_nothing():
    torch.manual_seed(0)
    body, vectors = Transformer(128, 32, 2, 0.0, 9), torch.randn(9, 2, 128)
    before, _ = body(vectors, ())
    vectors[6:] = torch.randn(3, 2, 128)
    after, _ = body(vectors, ())
    torch.testing.assert_close(after[:6], before[:6])
    assert (after[6:] - before[6:]).abs().amax(2).min() > 1e-2
    shorter, _ = body(vectors[:3], ())
    torch.testing.assert_close(shorter, after[:3])


def test_places_matter_and_heads_are_64_wide():
    torch.manual_seed(0)
    body = Transformer(128, 32, 1, 0.0, 4)
    hidden, _ = body(torch.ones(4, 1, 128), ())
    assert not torch.allclose(hidden[1], hidden[3])
    assert body.blocks[0].attention.heads == 2
    assert Transformer(100, 32, 1, 0.0, 4).blocks[0].attention.heads == 1
