"""One trial: a model of one variant and one seed, fitted, scored and timed."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from jaxtyping import Float64

from rowspace.errors import EvaluationError
from rowspace.selection.model import CountsParameters, Make, Model, TellsOutcomes
from rowspace.selection.variant import Variant


@dataclass(frozen=True, eq=False)
class Trial:
    """What one model scored, and what it took."""

    variant: Variant
    seed: int
    score: float
    outcomes: Float64[np.ndarray, "examples"] | None  # None for a model that tells none
    num_parameters: int | None  # likewise
    fit_seconds: float
    score_seconds: float

    def __str__(self) -> str:
        return f"{self.variant}, seed {self.seed}: {self.score:.4f}, fitted in {self.fit_seconds:.1f} s"


@dataclass(frozen=True)
class Failure:
    """Why a variant has fewer trials than seeds: no trial was made of it after this one."""

    variant: Variant
    seed: int
    error: Exception  # with its traceback

    def __str__(self) -> str:
        return f"{self.variant} failed at seed {self.seed}: {type(self.error).__name__}: {self.error}"


def run_trial(make: Make, variant: Variant, seed: int, train: Any, test: Any) -> Trial:
    """Make, fit and score one model. Parameters are counted after the fit, which may be what makes them.

    Raises what the model raises, and EvaluationError for an object that is no model or no score.
    """
    started = time.perf_counter()
    model = make(variant, seed)
    if not isinstance(model, Model):
        raise EvaluationError(
            f"make must return a model with fit and score, but gave a {type(model).__name__}"
        )
    model.fit(train)
    fitted = time.perf_counter()
    score = _checked_score(model.score(test))
    scored = time.perf_counter()
    outcomes = _checked_outcomes(model.outcomes(test)) if isinstance(model, TellsOutcomes) else None
    parameters = int(model.num_parameters) if isinstance(model, CountsParameters) else None
    return Trial(variant, seed, score, outcomes, parameters, fitted - started, scored - fitted)


def _checked_score(score: object) -> float:
    """The score as a float."""
    if not isinstance(score, Real) or not math.isfinite(score):
        raise EvaluationError(f"a score must be a finite number, but score returned {score!r}")
    return float(score)


def _checked_outcomes(outcomes: Any) -> Float64[np.ndarray, "examples"]:
    values = np.asarray(outcomes, np.float64)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise EvaluationError(
            "outcomes must be one finite number an example, but have shape "
            f"{values.shape} with {int((~np.isfinite(values)).sum())} not finite"
        )
    return values
