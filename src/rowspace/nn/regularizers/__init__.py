"""Regularizers: what a step does to rows beyond following their gradient."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from torch import Tensor

from rowspace.nn.regularizers.anchor import AnchorToPretrained
from rowspace.nn.regularizers.cow_clip import CowClip
from rowspace.nn.regularizers.frequency_decay import FrequencyDecay
from rowspace.nn.regularizers.max_norm import MaxNorm
from rowspace.nn.regularizers.row_l2 import RowL2
from rowspace.nn.row_gradient import Segments

__all__ = ["AnchorToPretrained", "CowClip", "FrequencyDecay", "MaxNorm", "Regularizer", "RowL2"]


@runtime_checkable
class Regularizer(Protocol):
    """What an optimizer of rowspace.nn.optim calls around each step of a layer's rows.

    A layer holds any number of them (``layer.regularize(CowClip(), RowL2(1e-4))``), and each sees what
    those before it have left. Both methods work without autograd and touch only the rows in use: those
    that lookups met or, where the gradient is a dense matrix as with a tied output layer, those whose
    gradient is not zero. These rows have been settled before: a lazy optimizer has brought them up to
    date. Frozen rows keep their values whatever the gradient says.

    A regularizer is copied and pickled along with the layer's weight but is no part of the layer's
    state_dict, which stays torch's. A program that goes on from a checkpoint makes its regularizers anew,
    from hyper-parameters and the pretrained table; `FrequencyDecay`, which can count on its own, has a
    state_dict of its own for that.
    """

    def before_step(self, weight: Tensor, segments: Segments, lr: float) -> Segments:
        """The gradient to step with; may also change the rows of `weight` in place.

        `segments.summed()` gives the sum of each row, which may be changed in place; `lr` is the step's
        learning rate.
        """
        ...

    def after_step(self, weight: Tensor, rows: Tensor) -> None:
        """Change the distinct `rows` of `weight` in place, once they have been stepped."""
        ...
