"""Logits over all rows, in blocks where they would not fit, and their precision."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch's users know
from jaxtyping import Float, Int64
from torch import Tensor

LOGITS_IN_BLOCK = 1 << 24  # 64 MB of float32 at a time

Logits = Callable[[Float[Tensor, "n dim"]], Float[Tensor, "n rows"]]


def exact(logits: Float[Tensor, "*batch rows"]) -> Float[Tensor, "*batch rows"]:
    """The same in float32 where they came in half precision: a sum over many rows needs its digits."""
    return logits.to(torch.promote_types(logits.dtype, torch.float32))


def target_log_probabilities(
    logits_of: Logits, num_rows: int, hidden: Float[Tensor, "n dim"], targets: Int64[Tensor, "n"]
) -> Float[Tensor, "n"]:
    """The log-probability of each target in the softmax over all rows."""
    size = _block(num_rows)
    pairs = zip(torch.split(hidden, size), torch.split(targets, size), strict=True)
    return torch.cat([-F.cross_entropy(exact(logits_of(a)), b, reduction="none") for a, b in pairs])


def best_rows(
    logits_of: Logits, num_rows: int, hidden: Float[Tensor, "*batch dim"]
) -> Int64[Tensor, "*batch"]:
    """The row with the highest logit at each position."""
    blocks = torch.split(hidden.reshape(-1, hidden.shape[-1]), _block(num_rows))
    return torch.cat([logits_of(each).argmax(-1) for each in blocks]).reshape(hidden.shape[:-1])


def _block(num_rows: int) -> int:
    return max(1, LOGITS_IN_BLOCK // num_rows)
