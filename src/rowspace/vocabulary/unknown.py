"""What a vocabulary answers for a key that it does not hold."""

from __future__ import annotations

from typing import Literal, get_args

from rowspace.errors import RecipeError

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
