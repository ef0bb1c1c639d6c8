"""tied_cross_entropy against torch's cross entropy of all logits."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from rowspace.errors import RecipeError, RowIdError, ShapeError
from rowspace.nn import Embedding, optim
from rowspace.nn.heads import tied_loss
from rowspace.nn.heads.tied_loss import tied_cross_entropy


def drawn(*shape, rows=50, dim=6, dtype=torch.float64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    hidden = torch.randn(*shape, dim, generator=generator, dtype=dtype, requires_grad=True)
    table = torch.randn(rows, dim, generator=generator, dtype=dtype, requires_grad=True)
    bias = torch.randn(rows, generator=generator, dtype=dtype, requires_grad=True)
    return hidden, table, bias, torch.randint(rows, shape, generator=generator)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("has_bias", [True, False])
@pytest.mark.parametrize("block", [1 << 23, 50 * 4])
def test_loss_and_gradients_are_those_of_all_logits(smoothing, has_bias, block, monkeypatch):
    monkeypatch.setattr(tied_loss, "LOGITS_IN_BLOCK", block)  # the second: four positions at a time
    hidden, rows, bias, targets = drawn(3, 7)
    targets[1, 2] = -100
    learned = [hidden, rows, bias] if has_bias else [hidden, rows]
    logits = F.linear(hidden, rows, bias if has_bias else None).flatten(0, 1)
    wanted = F.cross_entropy(logits, targets.flatten(), label_smoothing=smoothing)
    loss = tied_cross_entropy(hidden, rows, bias if has_bias else None, targets, smoothing)
    torch.testing.assert_close(loss, wanted)
    for own, peer in zip(
        torch.autograd.grad(3 * loss, learned), torch.autograd.grad(3 * wanted, learned), strict=True
    ):
        torch.testing.assert_close(own, peer)


def test_a_target_that_is_all_but_impossible_has_its_finite_loss():
    hidden = torch.tensor([[200.0], [0.0]], requires_grad=True)
    rows = torch.tensor([[1.0], [-1.0]])
    targets = torch.tensor([1, 0])
    loss = tied_cross_entropy(hidden, rows, None, targets)
    torch.testing.assert_close(loss, F.cross_entropy(hidden @ rows.t(), targets))
    loss.backward()
    assert hidden.grad.isfinite().all()


def test_only_gradients_that_are_asked_for():
    hidden, rows, bias, targets = drawn(4)
    loss = tied_cross_entropy(hidden.detach(), rows.detach(), bias, targets)
    loss.backward()
    assert bias.grad is not None and hidden.grad is None and rows.grad is None
    assert not tied_cross_entropy(hidden.detach(), rows.detach(), bias.detach(), targets).requires_grad


def test_half_precision_is_summed_in_float32():
    hidden, rows, _bias, targets = (each.detach() for each in drawn(5, dtype=torch.float32))
    half = tied_cross_entropy(hidden.bfloat16(), rows.bfloat16(), None, targets)
    wanted = F.cross_entropy(hidden.bfloat16().float() @ rows.bfloat16().float().t(), targets)
    assert half.dtype == torch.float32
    torch.testing.assert_close(half, wanted)


def test_no_target_no_loss():
    hidden, rows, bias, targets = drawn(4)
    loss = tied_cross_entropy(hidden, rows, bias, torch.full_like(targets, -100))
    loss.backward()
    assert loss == 0 and not rows.grad.any()


def test_rows_of_a_layer_are_up_to_date_and_stepped_as_a_dense_optimizer_would():
    layer, plain = Embedding(9, 4), torch.nn.Embedding(9, 4)
    plain.load_state_dict(layer.state_dict())
    ours, theirs = optim.Adam(layer.parameters(), 0.1), torch.optim.Adam(plain.parameters(), 0.1)
    ids, targets = torch.tensor([1, 4, 1]), torch.tensor([0, 2, 8])
    for _ in range(3):
        ours.zero_grad(), theirs.zero_grad()
        layer(torch.tensor([5])).sum().backward()  # leaves rows that lag behind
        plain(torch.tensor([5])).sum().backward()
        ours.step(), theirs.step()
        ours.zero_grad(), theirs.zero_grad()
        tied_cross_entropy(layer(ids), layer.weight, None, targets).backward()
        F.cross_entropy(plain(ids) @ plain.weight.t(), targets).backward()
        ours.step(), theirs.step()
    layer.settle()
    torch.testing.assert_close(layer.weight.data, plain.weight.data, rtol=1e-4, atol=1e-5)


@pytest.mark.unchecked
def test_what_does_not_fit_is_refused():
    hidden, rows, bias, targets = drawn(4)
    with pytest.raises(ShapeError, match="tied_cross_entropy"):
        tied_cross_entropy(hidden[:, :3], rows, bias, targets)
    with pytest.raises(RowIdError):
        tied_cross_entropy(hidden, rows, bias, targets + 50)
    with pytest.raises(RecipeError, match="label_smoothing"):
        tied_cross_entropy(hidden, rows, bias, targets, 1.5)
