"""One step of an optimizer on the rows that received gradients; no other row is read or written.

The gradient of rows[i] is summed over its entries as in reference/row_sums.py, whose arguments these
functions share: `rows` and `starts` may be a slice of the rows, with all of `sources`, `coefficients` and
`outputs`; since `rows` holds none twice, threads share a step by slices without locks.

`rates` float32 (num_rows,), or of length 0 where all are one, multiply the learning rate of each row. A row
with rate 0 stays as it is, and so does what the optimizer keeps of it. Weight decay moves the rows in
`rows` alone. Numbers that are not finite pass through.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32, Float64

from rowspace.arrays import Vectors
from rowspace.kernels.reference.bag_pooling import Coefficients, Sources
from rowspace.kernels.reference.row_segments import RowsOnce, Starts
from rowspace.kernels.reference.row_sums import sum_rows_

Rates = Float32[np.ndarray, "num_rows"]  # or of length 0
RowValues = Float32[np.ndarray, "num_rows"]


def _moving(
    rows: RowsOnce,
    starts: Starts,
    sources: Sources,
    coefficients: Coefficients,
    outputs: Vectors,
    rates: Rates,
    learning_rate: float,
) -> tuple[RowsOnce, Vectors, Float64[np.ndarray, "moving 1"]]:
    """The rows that move, their summed gradients, and the learning rate of each, in float64: (moving, 1)."""
    gradients = np.empty((len(rows), outputs.shape[1]), np.float32)
    sum_rows_(starts, sources, coefficients, outputs, gradients)
    if not len(rates):
        return rows, gradients, np.full((len(rows), 1), learning_rate)
    moving = rates[rows] != 0
    rows, gradients = rows[moving], gradients[moving]
    return rows, gradients, learning_rate * rates[rows, None].astype(np.float64)


def _decayed(gradients: Vectors, vectors: Vectors, weight_decay: float) -> Vectors:
    """The gradients of a loss to which weight_decay / 2 * w**2 is added; without decay w may be infinite."""
    return gradients + np.float32(weight_decay) * vectors if weight_decay else gradients


def sgd_(
    vectors: Vectors,
    rows: RowsOnce,
    starts: Starts,
    sources: Sources,
    coefficients: Coefficients,
    outputs: Vectors,
    rates: Rates,
    learning_rate: float,
    weight_decay: float,
) -> None:
    """Move rows against their gradient g: w -= learning_rate * (g + weight_decay * w)."""
    rows, g, lr = _moving(rows, starts, sources, coefficients, outputs, rates, learning_rate)
    g = _decayed(g, vectors[rows], weight_decay)
    vectors[rows] -= lr.astype(np.float32) * g


def momentum_(
    vectors: Vectors,
    velocities: Vectors,
    rows: RowsOnce,
    starts: Starts,
    sources: Sources,
    coefficients: Coefficients,
    outputs: Vectors,
    rates: Rates,
    learning_rate: float,
    weight_decay: float,
    momentum: float,
    nesterov: bool,
) -> None:
    """Move rows by heavy ball or Nesterov's momentum, without dampening; velocities (num_rows, dim)."""
    rows, g, lr = _moving(rows, starts, sources, coefficients, outputs, rates, learning_rate)
    g = _decayed(g, vectors[rows], weight_decay)
    velocity = np.float32(momentum) * velocities[rows] + g
    velocities[rows] = velocity
    vectors[rows] -= lr.astype(np.float32) * (g + np.float32(momentum) * velocity if nesterov else velocity)


def adagrad_(
    vectors: Vectors,
    sums: Vectors,
    rows: RowsOnce,
    starts: Starts,
    sources: Sources,
    coefficients: Coefficients,
    outputs: Vectors,
    rates: Rates,
    learning_rate: float,
    weight_decay: float,
    eps: float,
) -> None:
    """Move rows by AdaGrad, sums += g**2 and w -= learning_rate * g / (sqrt(sums) + eps); sums as vectors."""
    rows, g, lr = _moving(rows, starts, sources, coefficients, outputs, rates, learning_rate)
    g = _decayed(g, vectors[rows], weight_decay)
    total = sums[rows] + g * g
    sums[rows] = total
    with np.errstate(divide="ignore", invalid="ignore"):
        vectors[rows] -= lr.astype(np.float32) * g / (np.sqrt(total) + np.float32(eps))


def rowwise_adagrad_(
    vectors: Vectors,
    sums: RowValues,
    rows: RowsOnce,
    starts: Starts,
    sources: Sources,
    coefficients: Coefficients,
    outputs: Vectors,
    rates: Rates,
    learning_rate: float,
    weight_decay: float,
    eps: float,
) -> None:
    """Move rows by AdaGrad with one sum a row, to which the mean of g**2 is added; sums (num_rows,).

    Mudigere et al., "Software-hardware co-design for fast and scalable training of deep learning
    recommendation models" (2022), section on the optimizer: for tables beside which no second table fits.
    """
    rows, g, lr = _moving(rows, starts, sources, coefficients, outputs, rates, learning_rate)
    g = _decayed(g, vectors[rows], weight_decay)
    if g.shape[1]:
        sums[rows] += (g * g).mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        vectors[rows] -= lr.astype(np.float32) / (np.sqrt(sums[rows, None]) + np.float32(eps)) * g


def adam_(
    vectors: Vectors,
    first: Vectors,
    second: Vectors,
    rows: RowsOnce,
    starts: Starts,
    sources: Sources,
    coefficients: Coefficients,
    outputs: Vectors,
    rates: Rates,
    learning_rate: float,
    weight_decay: float,
    beta1: float,
    beta2: float,
    eps: float,
    step: int,
) -> None:
    """Move rows by AdamW with decoupled decay; the moments are (num_rows, dim), `step` counts from 1.

    Loshchilov and Hutter, "Decoupled weight decay regularization" (2019); decay 0 is Adam.
    """
    rows, g, lr = _moving(rows, starts, sources, coefficients, outputs, rates, learning_rate)
    vectors[rows] *= (1 - lr * weight_decay).astype(np.float32)
    m = first[rows] + np.float32(1 - beta1) * (g - first[rows])
    v = np.float32(beta2) * second[rows] + np.float32(1 - beta2) * g * g
    first[rows], second[rows] = m, v
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(v) / np.float32(np.sqrt(1 - beta2**step)) + np.float32(eps)
        vectors[rows] -= (lr / (1 - beta1**step)).astype(np.float32) * (m / root)
