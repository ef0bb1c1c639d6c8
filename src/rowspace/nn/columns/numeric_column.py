"""Numeric columns beside categorical ones: standardised by training rows, missing values told apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32, Float64

from rowspace.errors import ShapeError
from rowspace.nn.columns.category import NAMES, categories_of
from rowspace.nn.columns.distinct import distinct_values

Numbers = Float64[np.ndarray, "rows"]


@dataclass(frozen=True)
class NumericColumn:
    """The mean and spread (standard deviation) of a column's known values.

    A missing value counts as the mean. Where training had missing values, one more output is 1 for them
    and 0 otherwise; where it had none there is no such output, since nothing would train its use.

    >>> age = NumericColumn.learn("age", [20, 40, None])
    >>> age.encode([20, 60, None])[0]
    array([[-1.,  0.],
           [ 3.,  0.],
           [ 0.,  1.]], dtype=float32)
    """

    name: str
    mean: float
    spread: float
    had_missing: bool

    @classmethod
    def learn(cls, name: str, column: Any) -> NumericColumn:
        """Measure a column; the spread of one that never changes is 1, so that it gives zeros."""
        values = numbers_of(column, name)
        known = values[~np.isnan(values)]
        if not len(known):
            return cls(name, 0.0, 1.0, bool(len(values)))
        if known.min() == known.max():  # a mean would be off by a rounding, and the spread not zero
            return cls(name, float(known[0]), 1.0, len(known) < len(values))
        with np.errstate(over="ignore", invalid="ignore"):
            mean, spread = float(known.mean()), float(known.std())
        if not math.isfinite(mean + spread):
            raise ShapeError(f"column {name!r} holds numbers too large to add up; scale them down")
        return cls(name, mean, spread, len(known) < len(values))

    @property
    def outputs(self) -> tuple[str, ...]:
        """What each of its outputs tells."""
        return (self.name, f"{self.name} is missing") if self.had_missing else (self.name,)

    def encode(self, column: Any) -> tuple[Float32[np.ndarray, "rows outputs"], int]:
        """Its outputs for each row, and how many values are missing."""
        values = numbers_of(column, self.name)
        is_missing = np.isnan(values)
        with np.errstate(over="ignore"):
            scaled = ((values - self.mean) / self.spread).astype(np.float32)
        if np.isinf(scaled).any():
            place = int(np.argmax(np.isinf(scaled)))
            raise ShapeError(
                f"column {self.name!r} holds {values[place]} in row {place}, far beyond its training range"
            )
        scaled[is_missing] = 0
        outputs = [scaled, is_missing.astype(np.float32)][: len(self.outputs)]
        return np.stack(outputs, axis=1), int(is_missing.sum())


def numbers_of(column: Any, name: str) -> Numbers:
    """A column as float64, NaN where a value is missing; ShapeError for text, dates and infinities."""
    plain = not isinstance(column, list | tuple) and np.asarray(column).dtype.kind in "iufb"
    numbers: Numbers = np.asarray(column).astype(np.float64) if plain else _from_objects(column, name)
    if np.isinf(numbers).any():
        place = int(np.argmax(np.isinf(numbers)))
        raise ShapeError(f"column {name!r} must hold finite numbers, but row {place} holds {numbers[place]}")
    return numbers


def _from_objects(column: Any, name: str) -> Numbers:
    distinct = distinct_values(column, name)
    kind, texts = categories_of(distinct.values, name)
    if kind not in (None, "number", "truth"):
        example = next(text for text in texts if text is not None)
        raise ShapeError(
            f"column {name!r} must hold numbers, but holds {NAMES[kind]} such as {example!r}; "
            "convert it, or take it for a categorical column"
        )
    known = [
        math.nan if text is None else float(value) for text, value in zip(texts, distinct.values, strict=True)
    ]
    numbers: Numbers = np.array([*known, math.nan])[distinct.codes]
    return numbers
