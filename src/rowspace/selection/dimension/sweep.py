"""Fit at one dimension after another, upwards, until it no longer helps; then again where noise is near."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from rowspace.errors import EvaluationError, RecipeError
from rowspace.training.ranges import check_integer

FitAt = Callable[[int, int], tuple[float, float]]  # (dim, seed): cost in training, cost in validation
NEAR = 2.0  # standard errors: dims nearer to the best than that are fitted once more


@dataclass(frozen=True)
class Sweep:
    """The costs of every fit by dimension, in the order of the seeds; the lower the better."""

    train: dict[int, list[float]]
    validation: dict[int, list[float]]

    @property
    def dims(self) -> list[int]:
        """The dims that were fitted, rising."""
        return sorted(self.validation)

    @property
    def best(self) -> int:
        """The dim with the least mean cost in validation; the smaller of equal ones."""
        return min(self.dims, key=self.mean)

    @property
    def num_fits(self) -> int:
        """How often was fitted in all."""
        return sum(map(len, self.validation.values()))

    def mean(self, dim: int) -> float:
        """The mean cost in validation over seeds."""
        return fmean(self.validation[dim])

    @property
    def spread(self) -> float:
        """The standard deviation between seeds, of all dims together; 0 where each was fitted once."""
        squares = sum((cost - self.mean(dim)) ** 2 for dim in self.dims for cost in self.validation[dim])
        return math.sqrt(squares / max(1, self.num_fits - len(self.dims)))

    def error_of_difference(self, dim: int, other: int) -> float:
        """The standard error of the difference between the means of two dims."""
        fits = (len(self.validation[dim]), len(self.validation[other]))
        return self.spread * math.sqrt(sum(1 / count for count in fits))


def sweep(
    fit_at: FitAt,
    dims: Sequence[int],
    *,
    seeds: int = 2,
    most_seeds: int = 5,
    patience: int = 2,
    seed: int = 1,
) -> Sweep:
    """Fit at each of `dims` with `seeds` seeds, from the smallest on.

    The sweep ends once `patience` dims in a row, up to one twice as large, were no better than the best
    before them. Then the best dim, and every other within two standard errors of it, are fitted with more
    seeds, up to `most_seeds`.

    Raises RecipeError for dims that are no whole numbers from 1 on, and EvaluationError for a cost that is
    not finite, naming dim and seed.

    >>> costs = {2: 0.9, 4: 0.5, 8: 0.6, 16: 0.7, 32: 0.8}
    >>> sweep(lambda dim, seed: (1 / dim, costs[dim]), [2, 4, 8, 16, 32], seeds=1).dims
    [2, 4, 8, 16]
    """
    wanted = checked_dims(dims)
    check_integer("seeds", seeds, 1)
    check_integer("patience", patience, 1)
    found = Sweep({}, {})
    for place, dim in enumerate(wanted):
        for number in range(seeds):
            _fit(found, fit_at, dim, seed + number)
        if place - wanted.index(found.best) >= patience and dim >= 2 * found.best:
            break
    for number in range(seeds, most_seeds if seeds > 1 else seeds):
        near = [dim for dim in found.dims if _is_near(found, dim)]
        if len(near) == 1:
            break
        for dim in near:
            _fit(found, fit_at, dim, seed + number)
    return found


def checked_dims(dims: Sequence[int]) -> list[int]:
    """Each of `dims` once, rising. Raises RecipeError unless they are whole numbers from 1 to 65536."""
    if len(dims) == 0:
        raise RecipeError("at least one dim must be tried, but dims is empty; leave it out for the default")
    for dim in dims:
        check_integer("dims", dim, 1, 65_536)
    return sorted({int(dim) for dim in dims})


def _fit(found: Sweep, fit_at: FitAt, dim: int, seed: int) -> None:
    train, validation = fit_at(dim, seed)
    if not (math.isfinite(train) and math.isfinite(validation)):
        raise EvaluationError(
            f"losses must be finite, but at dim {dim} with seed {seed} they are {train} in training and "
            f"{validation} in validation; lower the learning rate, or check the validation data"
        )
    found.train.setdefault(dim, []).append(float(train))
    found.validation.setdefault(dim, []).append(float(validation))


def _is_near(found: Sweep, dim: int) -> bool:
    gap = found.mean(dim) - found.mean(found.best)
    return gap <= NEAR * found.error_of_difference(dim, found.best)
