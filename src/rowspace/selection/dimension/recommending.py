"""From costs by dimension to a recommendation, its reason, and what under- or over-fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rowspace.selection.dimension.sweep import Sweep

ONE_FIT = 0.01  # of the best cost: what counts as equal where no second seed tells the noise

Told = Callable[[float], str]  # a cost in words


@dataclass(frozen=True)
class Recommendation:
    """The smallest dim that is as good as the best, and why."""

    dim: int
    flat: tuple[int, int]
    reason: str
    warnings: list[str]


def recommend(found: Sweep, told: Told) -> Recommendation:
    """Take the smallest dim whose cost is within one standard error of the best (Breiman et al. 1984).

    The error is that of a difference between two means over seeds; where each dim was fitted once, a
    hundredth of the best cost.

    >>> found = Sweep({4: [0.9], 8: [0.8]}, {4: [0.501], 8: [0.5]})
    >>> recommend(found, lambda cost: f"loss {cost:.3f}").reason.split(", ")[1]
    'and 4 the smallest as good as it with loss 0.501: up to 0.005 is noise'
    """
    dims, best = found.dims, found.best
    low = high = dims.index(best)
    while low > 0 and _is_as_good(found, dims[low - 1]):
        low -= 1
    while high + 1 < len(dims) and _is_as_good(found, dims[high + 1]):
        high += 1
    flat = (dims[low], dims[high])
    return Recommendation(dims[low], flat, _reason(found, dims[low], told), _limits(found, flat, told))


def over_fitting(
    dims: Sequence[int], train: Sequence[float], validation: Sequence[float], noise: float
) -> list[str]:
    """Say from which dim on the loss in validation rises by more than `noise`, while that in training falls.

    >>> over_fitting([2, 4, 8], [0.9, 0.7, 0.4], [0.8, 0.75, 0.9], noise=0.01)[0][:20]
    'over-fitting from 8 '
    """
    best = min(range(len(dims)), key=lambda place: validation[place])
    above = [place for place in range(best + 1, len(dims)) if validation[place] > validation[best] + noise]
    if not above or train[above[-1]] >= train[best]:
        return []
    last = above[-1]
    return [
        f"over-fitting from {dims[above[0]]} on: between {dims[best]} and {dims[last]} the loss in training "
        f"falls from {train[best]:.4g} to {train[last]:.4g}, but that in validation rises from "
        f"{validation[best]:.4g} to {validation[last]:.4g}"
    ]


def margin(found: Sweep, dim: int) -> float:
    """How much worse than the best `dim` may be and still count as equal."""
    if found.num_fits == len(found.dims):
        return ONE_FIT * abs(found.mean(found.best))
    return found.error_of_difference(dim, found.best)


def _is_as_good(found: Sweep, dim: int) -> bool:
    return found.mean(dim) - found.mean(found.best) <= margin(found, dim)


def _limits(found: Sweep, flat: tuple[int, int], told: Told) -> list[str]:
    """Whether small dims under-fit, and whether the largest is still too small."""
    dims, best, remarks = found.dims, found.best, []
    if dims[0] < flat[0]:
        remarks.append(
            f"under-fitting below {flat[0]}: {dims[0]} has {told(found.mean(dims[0]))}, and {best} has "
            f"{told(found.mean(best))}"
        )
    if flat[0] == dims[-1] and len(dims) > 1:
        remarks.append(f"{dims[-1]}, the largest dim tried, is still better than the others; try larger ones")
    return remarks


def _reason(found: Sweep, dim: int, told: Told) -> str:
    """Why `dim` is recommended."""
    best = found.best
    is_best = f"{best} is the best with {told(found.mean(best))}"
    if dim == best:
        return f"{is_best}, and no smaller dim next to it is as good"
    return (
        f"{is_best}, and {dim} the smallest as good as it with {told(found.mean(dim))}: up to "
        f"{margin(found, dim):.2g} is noise"
    )
