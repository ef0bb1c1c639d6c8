"""What a vocabulary answers for a key that it does not hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from jaxtyping import Bool

from rowspace.errors import RecipeError, UnknownKeyError

Missing = Literal["raise", "unknown", "zero", "skip"]


def check_policy(policy: str, *, has_unknown_row: bool) -> Missing:
    """`policy` if it is one of Missing and can be followed, else RecipeError.

    raise: UnknownKeyError. unknown: the trained unknown row. zero: an empty bag, so a zero vector.
    skip: no bag at all, so fewer rows come back than keys went in.
    """
    if policy not in get_args(Missing):
        raise RecipeError(f"missing must be one of {', '.join(get_args(Missing))}, but is {policy!r}")
    if policy == "unknown" and not has_unknown_row:
        raise RecipeError(
            'missing="unknown" needs a vocabulary with an unknown row; '
            'train with unknown="unknown", or choose raise, zero or skip'
        )
    return policy  # type: ignore[return-value]


def describe_unknown(keys: Sequence[str], unknown: Bool[np.ndarray, "keys"]) -> UnknownKeyError:
    """The error that names the first unknown key and tells how many more there are."""
    first = keys[int(np.argmax(unknown))]
    return UnknownKeyError(
        f"every key must be in the vocabulary, but {first!r} is not"
        + (f" (nor {int(unknown.sum()) - 1} more of {len(keys)})" if unknown.sum() > 1 else "")
        + '; pass missing="zero", "skip" or "unknown" to go on without'
    )
