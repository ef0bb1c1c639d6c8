from __future__ import annotations

import torch

from rowspace.nn.norms import limited


def test_only_vectors_above_the_limit_change() -> None:
    vectors = torch.tensor([[[3.0, 4.0], [0.3, 0.4]], [[0.0, 0.0], [0.0, 2.0]]], requires_grad=True)
    out = limited(vectors, 1.0)
    torch.testing.assert_close(out.norm(dim=-1), torch.tensor([[1.0, 0.5], [0.0, 1.0]]))
    assert torch.equal(out[0, 1], vectors[0, 1])
    out.sum().backward()
    torch.testing.assert_close(vectors.grad[0, 0], torch.tensor([0.2, 0.2]))


def test_other_norms_agree_with_torchs_renorm() -> None:
    vectors = torch.randn(20, 5)
    for order in (1.0, 2.0, 3.0):
        torch.testing.assert_close(limited(vectors, 1.5, order), torch.renorm(vectors, order, 0, 1.5))
