"""The pull toward pretrained rows."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rowspace.errors import RecipeError, ShapeError
from rowspace.nn.regularizers import AnchorToPretrained
from rowspace.nn.row_gradient import RowGradient, Segments, group


def gradient_of(ids: torch.Tensor, outputs: torch.Tensor) -> Segments:
    return group([RowGradient(ids, outputs)], num_rows=6)


IDS = torch.tensor([4, 1, 4, 0])


def test_it_is_the_gradient_of_the_penalty():
    weight, originals, outputs = torch.randn(6, 3, requires_grad=True), torch.randn(6, 3), torch.randn(4, 3)
    penalty = 0.3 / 2 * (weight - originals)[[0, 1, 4]].square().sum()
    ((weight[IDS] * outputs).sum() + penalty).backward()
    segments = AnchorToPretrained(0.3, originals).before_step(weight, gradient_of(IDS, outputs), lr=0.1)
    torch.testing.assert_close(segments.outputs, weight.grad[[0, 1, 4]])


def test_ids_anchor_some_rows_and_leave_the_others_free():
    weight, originals = torch.randn(6, 3), torch.randn(2, 3)
    anchor = AnchorToPretrained(0.3, originals, ids=torch.tensor([5, 1]))
    segments = anchor.before_step(weight, gradient_of(IDS, torch.zeros(4, 3)), lr=0.1)
    expected = torch.zeros(3, 3)
    expected[1] = 0.3 * (weight[1] - originals[1])
    torch.testing.assert_close(segments.outputs, expected)


def test_the_originals_are_a_copy():
    weight = torch.ones(6, 3)
    anchor = AnchorToPretrained(1.0, weight)
    weight += 1
    assert (anchor.before_step(weight, gradient_of(IDS, torch.zeros(4, 3)), lr=0.1).outputs == 1).all()


def test_it_takes_numpy_and_follows_the_weights_dtype():
    originals = np.zeros((6, 3), np.float32)
    originals.flags.writeable = False
    weight = torch.ones(6, 3, dtype=torch.float64)
    anchor = AnchorToPretrained(0.5, originals)
    segments = anchor.before_step(weight, gradient_of(IDS, torch.zeros(4, 3, dtype=torch.float64)), lr=0.1)
    assert segments.outputs.dtype == torch.float64
    assert (segments.outputs == 0.5).all()


def test_what_does_not_fit_is_refused():
    with pytest.raises(RecipeError, match="strength of AnchorToPretrained"):
        AnchorToPretrained(-1.0, torch.zeros(6, 3))
    with pytest.raises(ShapeError, match="at least one id and each only once"):
        AnchorToPretrained(1.0, torch.zeros(2, 3), ids=torch.tensor([2, 2]))
    with pytest.raises(ShapeError, match="at least one id and each only once"):
        AnchorToPretrained(1.0, torch.zeros(0, 3), ids=torch.zeros(0, dtype=torch.long))
    with pytest.raises(ShapeError, match=r"originals of shape \(6, 3\), but has \(5, 3\)"):
        AnchorToPretrained(1.0, torch.zeros(5, 3)).before_step(
            torch.zeros(6, 3), gradient_of(IDS, torch.zeros(4, 3)), lr=0.1
        )
