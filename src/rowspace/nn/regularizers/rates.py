"""What a regularizer that moves rows itself must know: how fast each may move."""

from __future__ import annotations

from jaxtyping import Float, Float32, Int64
from torch import Tensor


def rates_of(
    weight: Float[Tensor, "rows dim"], rows: Int64[Tensor, "distinct"]
) -> Float32[Tensor, "distinct"] | None:
    """The multipliers of the learning rate of `rows`, 0 for frozen ones; None: all are one.

    A plain tensor has none; a RowParameter keeps them as `rates`.
    """
    rates: Float32[Tensor, "rows"] | None = getattr(weight, "rates", None)
    return None if rates is None else rates.to(weight.device)[rows]
