"""Logits over all rows: blocks change nothing, and half precision is widened."""

import pytest
import torch
import torch.nn.functional as F

from rowspace.nn.heads import logits


@pytest.mark.parametrize("block", [1, 21, 10**6])
def test_blocks_change_nothing(monkeypatch, block):
    monkeypatch.setattr(logits, "LOGITS_IN_BLOCK", block)
    rows, hidden, targets = torch.randn(7, 4), torch.randn(2, 5, 4), torch.randint(7, (10,))
    products = hidden @ rows.T
    found = logits.target_log_probabilities(lambda h: h @ rows.T, 7, hidden.reshape(10, 4), targets)
    torch.testing.assert_close(found, -F.cross_entropy(products.reshape(10, 7), targets, reduction="none"))
    assert torch.equal(logits.best_rows(lambda h: h @ rows.T, 7, hidden), products.argmax(-1))


def test_no_position():
    rows, none = torch.randn(7, 4), torch.zeros(0, dtype=torch.int64)
    assert logits.target_log_probabilities(lambda h: h @ rows.T, 7, torch.zeros(0, 4), none).shape == (0,)
    assert logits.best_rows(lambda h: h @ rows.T, 7, torch.zeros(3, 0, 4)).shape == (3, 0)


@pytest.mark.parametrize(
    ("dtype", "wide"),
    [
        (torch.float16, torch.float32),
        (torch.bfloat16, torch.float32),
        (torch.float32, torch.float32),
        (torch.float64, torch.float64),
    ],
)
def test_half_precision_is_widened(dtype, wide):
    assert logits.exact(torch.zeros(2, 3, dtype=dtype)).dtype == wide
