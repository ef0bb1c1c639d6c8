"""The dimension of a layer, for instance for categories, by the loss of the task that it serves."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import fmean
from typing import Any, Protocol, runtime_checkable

from rowspace.selection.dimension.curve import DimensionCurve
from rowspace.selection.dimension.recommending import margin, over_fitting, recommend
from rowspace.selection.dimension.rules import usual_rules
from rowspace.selection.dimension.sweep import FitAt, sweep

DIMS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


@runtime_checkable
class Model(Protocol):
    """What can be fitted and scored, as `selection.ablate` asks it too."""

    def fit(self, train: Any) -> Any:
        """Learn from `train`."""
        ...

    def score(self, data: Any) -> float:
        """How good the predictions for `data` are; the higher the better."""
        ...


def choose_dim_by(
    fit_at: FitAt,
    *,
    dims: Sequence[int] = DIMS,
    num_keys: int | None = None,
    seeds: int = 2,
    most_seeds: int = 5,
    patience: int = 2,
    seed: int = 1,
) -> DimensionCurve:
    """Measure which dimension a task needs: the smallest within one standard error of the best.

    Cost: a fit for each dim and seed. The sweep goes upwards and ends when `patience` dims in a row were
    no better; dims that noise cannot tell from the best are fitted with more seeds.

    Args:
        fit_at: From (dim, seed) to (loss in training, loss in validation), both the lower the better;
            `from_models` makes one of a model with fit and score. Keep the test set out of it.
        dims: What to try.
        num_keys: The rows of the table, for the usual rules; without it they are not shown.
        seeds: Fits at each dim.
        most_seeds: Fits at dims that are nearly the best.
        patience: Dims in a row without improvement that end the sweep.
        seed: The first seed; the others follow it.

    Raises RecipeError for dims out of range, EvaluationError for a loss that is not finite, and whatever
    `fit_at` raises.

    >>> def fit_at(dim, seed):
    ...     noise = 0.001 * (-1) ** seed
    ...     return 1 / dim, 0.3 + abs(dim - 8) / 100 + noise
    >>> curve = choose_dim_by(fit_at, dims=[2, 4, 8, 16, 32, 64])
    >>> curve.recommended, curve.dims
    (8, [2, 4, 8, 16, 32])
    """
    started = time.monotonic()
    found = sweep(fit_at, dims, seeds=seeds, most_seeds=most_seeds, patience=patience, seed=seed)
    chosen = recommend(found, _told)
    validation = [found.mean(dim) for dim in found.dims]
    train = [fmean(found.train[dim]) for dim in found.dims]
    noise = margin(found, found.dims[-1])
    return DimensionCurve(
        dims=found.dims,
        measures={"validation loss": [*validation], "training loss": [*train]},
        deciding="validation loss",
        recommended=chosen.dim,
        flat=chosen.flat,
        reason=chosen.reason,
        rules={} if num_keys is None else usual_rules(num_keys),
        warnings=[*chosen.warnings, *over_fitting(found.dims, train, validation, noise)],
        seconds=time.monotonic() - started,
    )


def from_models(make: Callable[[int, int], Model], train: Any, validation: Any) -> FitAt:
    """A `fit_at` for models: `make(dim, seed)` gives one that is fitted on `train` and then scored.

    Losses are scores with the sign turned, on `train` and on `validation`.
    """

    def fit_at(dim: int, seed: int) -> tuple[float, float]:
        model = make(dim, seed)
        model.fit(train)
        return -float(model.score(train)), -float(model.score(validation))

    return fit_at


def _told(loss: float) -> str:
    return f"a loss of {loss:.4g} in validation"
