"""GloVe (Pennington, Socher & Manning 2014): weighted least squares on the logarithms of co-occurrences.

A cell (row i, column j) with weight x costs f(x) (w_i . c_j + b_i + b'_j - log x)**2 / 2, where
f(x) = min(1, (x / x_max)**alpha). Each value moves by AdaGrad (Duchi, Hazan & Singer 2011), as in
GloVe's program: it keeps G = 1 + the sum of its squared steps t before division, and moves by t / sqrt(G).

What is kept here is the rate r = 1 / sqrt(G) itself. A value moves by r t, and G + t**2 becomes
r / sqrt(1 + (r t)**2): the same numbers, but the root is now that of a number close to 1.

Symbols: D dim.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32, Int32

from rowspace.arrays import Values, Vectors

LARGEST_GRADIENT = 100.0  # of one value, before the learning rate, as in GloVe's program
SMALLEST_EXPONENT = -80.0  # f(x) is not smaller than e to this

Biases = Float32[np.ndarray, "rows 1"]
Rates = Values


def glove_(
    center: Vectors,
    context: Vectors,
    center_rates: Rates,
    context_rates: Rates,
    center_bias: Biases,
    context_bias: Biases,
    center_bias_rates: Biases,
    context_bias_rates: Biases,
    rows: Int32[np.ndarray, "cells"],
    columns: Int32[np.ndarray, "cells"],
    log_weights: Float32[np.ndarray, "cells"],
    *,
    x_max: float,
    alpha: float,
    learning_rate: float,
) -> tuple[float, float]:
    """Train all eight arrays in place, cell by cell; return the summed cost and the number of cells."""
    cost = 0.0
    for i, j, log_x in zip(rows.tolist(), columns.tolist(), log_weights.astype(np.float64), strict=True):
        importance = np.exp(max(alpha * min(0.0, log_x - np.log(x_max)), SMALLEST_EXPONENT))
        w, c = center[i].astype(np.float64), context[j].astype(np.float64)
        difference = w @ c + float(center_bias[i, 0]) + float(context_bias[j, 0]) - log_x
        gradient = importance * difference
        cost += 0.5 * gradient * difference
        move_(center[i], center_rates[i], gradient * c, learning_rate)
        move_(context[j], context_rates[j], gradient * w, learning_rate)
        move_(center_bias[i], center_bias_rates[i], np.array([gradient]), learning_rate)
        move_(context_bias[j], context_bias_rates[j], np.array([gradient]), learning_rate)
    return cost, float(len(rows))


def move_(
    values: Float32[np.ndarray, "D"],
    rates: Float32[np.ndarray, "D"],
    gradient: np.ndarray,
    learning_rate: float,
) -> None:
    """One step of AdaGrad: against the gradient by rate and learning rate; then the rates fall."""
    step = rates * learning_rate * np.clip(gradient, -LARGEST_GRADIENT, LARGEST_GRADIENT)
    values -= step.astype(np.float32)
    rates /= np.sqrt(1 + step**2).astype(np.float32)
