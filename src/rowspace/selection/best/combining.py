"""Several models in one space: unit vectors side by side, weighed, and turned to the wanted dim."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from jaxtyping import Float32, Float64

from rowspace.arrays import Vectors
from rowspace.selection.best.postprocessing import ROWS_AT_A_TIME

Units = Float32[np.ndarray, "rows _"]  # rows of length one, of any dim
Weights = Sequence[float]

FACTORS = (0.0, 0.5, 0.7, 1.4, 2.0)  # that a model's weight is tried with
SMALLEST_GAIN = 0.03  # relative: what chance makes of some thousand word forms


@dataclass(frozen=True, eq=False)
class SideBySide:
    """Unit vectors of several models next to each other, and the products of their columns.

    With the products at hand, each choice of weights costs one small decomposition and one turn of the rows.

    >>> first, second = np.array([[1, 0]], np.float32), np.array([[0, 1]], np.float32)
    >>> SideBySide.of([first, second]).weighed([3, 4]).round(1).tolist()
    [[0.6000000238418579, 0.0, 0.0, 0.800000011920929]]
    """

    rows: Float32[np.ndarray, "rows width"]
    widths: Sequence[int]  # of each model
    products: Float64[np.ndarray, "width width"]

    @classmethod
    def of(cls, members: Sequence[Units]) -> SideBySide:
        """Put models side by side; the rows of all belong to the same keys."""
        rows = np.concatenate(list(members), axis=1)
        products = np.zeros((rows.shape[1],) * 2)
        for start in range(0, len(rows), ROWS_AT_A_TIME):
            block = rows[start : start + ROWS_AT_A_TIME]
            products += block.T @ block
        return cls(rows, [each.shape[1] for each in members], products)

    def weighed(self, weights: Weights) -> Vectors:
        """All columns, each model's times its weight, at length one: cosines add up by squared weights."""
        joined: Vectors = self.rows * self._scales(weights).astype(np.float32)
        return joined

    def turned(self, weights: Weights, dim: int) -> Vectors:
        """The weighed rows in their `dim` principal axes: what keeps products best (Eckart & Young 1936).

        Where there are fewer columns than `dim`, zeros stand behind them.
        """
        scales = self._scales(weights)
        _, axes = np.linalg.eigh(scales[:, None] * self.products * scales)
        principal = (scales[:, None] * axes[:, ::-1][:, :dim]).astype(np.float32)
        found: Vectors = np.pad(self.rows @ principal, ((0, 0), (0, max(0, dim - len(scales)))))
        return found

    def _scales(self, weights: Weights) -> Float64[np.ndarray, "width"]:
        length = float(np.sqrt(np.square(weights).sum())) or 1.0
        return np.repeat(np.asarray(weights, np.float64) / length, self.widths)


def choose_weights(
    start: Weights, score: Callable[[Weights], float], is_over: Callable[[], bool]
) -> list[float]:
    """Weights that score better than those to start from, found one model at a time.

    Each try costs one `score`; `is_over` ends the search with what was found until then.
    """
    weights = list(start)
    improved = len(weights) > 1
    best = score(weights) if improved else 0.0
    while improved:
        improved = False
        for place, factor in product(range(len(weights)), FACTORS):
            tried = [*weights[:place], weights[place] * factor, *weights[place + 1 :]]
            if is_over():
                return weights
            found = score(tried) if any(tried) else 0.0
            if found > best * (1 + SMALLEST_GAIN):
                weights, best, improved = tried, found, True
    return weights
