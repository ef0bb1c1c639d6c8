"""Targets: shapes, ignored positions and reductions as torch.nn.functional.cross_entropy has them."""

import pytest
import torch
import torch.nn.functional as F

from rowspace.errors import RecipeError, RowIdError, ShapeError
from rowspace.nn.heads.targets import Targets

SHAPES = [(), (6,), (2, 3), (2, 1, 3), (0,), (2, 0)]


def result(targets, logits, **options):
    """The loss of given logits (*batch, rows), by way of Targets."""
    rules = Targets("Head", logits.shape[-1], logits.shape[-1], options.pop("ignore_index", -100), **options)
    batch = rules.batch(logits, targets)
    return batch.result(F.log_softmax(batch.hidden, -1)[torch.arange(len(batch.targets)), batch.targets])


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("shape", SHAPES)
def test_as_cross_entropy(shape, reduction):
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(*shape, 5, generator=generator)
    targets = torch.randint(5, shape, generator=generator)
    if targets.numel() > 2:
        targets.view(-1)[1] = -100
    found = result(targets, logits, reduction=reduction)
    expected = F.cross_entropy(logits.reshape(-1, 5), targets.reshape(-1), reduction=reduction).nan_to_num()
    assert found.output.shape == shape
    torch.testing.assert_close(found.loss, expected.reshape(shape) if reduction == "none" else expected)
    ignored = found.output[targets == -100]
    assert torch.equal(ignored, torch.zeros_like(ignored))


def test_nothing_but_ignored_targets_is_a_loss_of_zero_with_a_gradient():
    logits = torch.randn(3, 5, requires_grad=True)
    loss = result(torch.full((3,), -1), logits, ignore_index=-1, reduction="mean").loss
    loss.backward()
    assert loss.item() == 0
    assert torch.equal(logits.grad, torch.zeros(3, 5))


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int32])
def test_targets_of_small_integers(dtype):
    logits = torch.randn(2, 5)
    expected = F.cross_entropy(logits, torch.tensor([4, 0]))
    torch.testing.assert_close(
        result(torch.tensor([4, 0], dtype=dtype), logits, reduction="mean").loss, expected
    )


@pytest.mark.parametrize("wrong", [5, -1, -101])
def test_a_target_that_is_no_row(wrong):
    targets = torch.tensor([[0, -100], [1, wrong]])
    with pytest.raises(RowIdError, match=rf"targets of Head: .*\[0, 5\).*\[1, 1\] is {wrong}"):
        result(targets, torch.randn(2, 2, 5), reduction="mean")


@pytest.mark.unchecked
def test_shapes_that_do_not_belong_together():
    rules = Targets("Head", 4, 9, -100, "mean")
    with pytest.raises(ShapeError, match=r"targets.shape, 4\), but got hidden of shape \(3, 4\)"):
        rules.batch(torch.zeros(3, 4), torch.zeros(2, dtype=torch.int64))
    with pytest.raises(ShapeError, match=r"torch.nn.Linear"):
        rules.batch(torch.zeros(3, 5), torch.zeros(3, dtype=torch.int64))
    with pytest.raises(ShapeError, match="whole numbers"):
        rules.batch(torch.zeros(3, 4), torch.zeros(3))


@pytest.mark.unchecked
def test_an_unknown_reduction():
    with pytest.raises(RecipeError, match="mean, sum, none"):
        Targets("Head", 4, 9, -100, "total")
