"""Sums over hundreds of skipped steps of Adam, replaced by sums over a few chosen points.

After step t a row without gradients moves by the sum over j = 1, 2 ... of a_j / (1 + q u_j). Here
u_j = sqrt(1 - beta2**(t + j)) * beta2**(-j / 2) depends on the step alone and q = eps / sqrt(v) on the value
alone; a_j falls like (beta1 / sqrt(beta2))**j. As a function of log(u) each term is a logistic curve, and
all u_j that matter lie close together: so a polynomial in log(u) through a few points stands for it,
whatever q is. A sum over steps becomes a sum over points, with weights that each step adds to.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from jaxtyping import Float64

Nodes = Float64[np.ndarray, "nodes"]
Places = Float64[np.ndarray, "..."]

FROM_STEP = 30  # u rises too steeply before, as sqrt(n); rows that stand there take their steps singly
COUNTS = (6, 8, 12, 16)  # of points
LARGEST_ERROR = 2e-6  # of a move, over all q, at step FROM_STEP; it falls from there on
SMALLEST_WEIGHT = 1e-9
SMALLEST_POWER = 1e-20  # where beta1 > sqrt(beta2): eps alone ends the movement


def reach_of(beta1: float, beta2: float) -> int:
    """After how many steps a moment has moved its row for good, as far as float32 can tell.

    >>> reach_of(0.9, 0.999)
    198
    """
    ratio = beta1 / math.sqrt(beta2) if beta2 else math.inf
    smallest, shrinks = (SMALLEST_WEIGHT, ratio) if ratio < beta1**0.25 else (SMALLEST_POWER, beta1)
    return max(1, math.ceil(math.log(smallest) / math.log(max(shrinks, SMALLEST_POWER))))


@cache
def nodes_of(beta1: float, beta2: float) -> Nodes:
    """How many steps after t the points lie: float64, ascending; none where single steps must be taken.

    They are the Gauss points of the weights (beta1 / sqrt(beta2))**j, as many as keep the error of a move
    below LARGEST_ERROR for constant learning rates and every gap.

    >>> nodes_of(0.9, 0.999).round(1).tolist(), len(nodes_of(0.9, 0.95)), len(nodes_of(0.9, 0.9))
    ([2.7, 11.9, 29.1, 55.6, 94.4, 153.0], 12, 0)
    """
    reach = reach_of(beta1, beta2)
    if beta2 and 0 < beta1 < math.sqrt(beta2):
        for count in COUNTS:
            if count < reach:
                nodes = _gauss_points(beta1 / math.sqrt(beta2), count, 2 * reach)
                if _largest_error(beta1, beta2, nodes, reach) <= LARGEST_ERROR:
                    return nodes
    return np.empty(0)


def log_shifts(step: int, after: Places, beta2: float) -> Places:
    """log(u) at `after` steps after `step`, whole or not."""
    return 0.5 * np.log(-np.expm1((step + after) * math.log(beta2))) - 0.5 * math.log(beta2) * after


def separations(points: Places) -> Places:
    """For each of the points (..., nodes) the product of its distances from the others."""
    apart = points[..., :, None] - points[..., None, :] + np.eye(points.shape[-1])
    products: Places = apart.prod(axis=-1)
    return products


def interpolation(at: Places, points: Places, separated: Places) -> Places:
    """Lagrange's weights of `points` for a value at `at`, both in log(u).

    `points` (..., nodes) and their `separations` are broadcast with `at` (..., 1).

    >>> points = np.array([0.0, 1.0])
    >>> interpolation(np.array([0.25]), points, separations(points)).tolist()
    [0.75, 0.25]
    """
    distance = at - points
    distance[distance == 0] = 1e-300
    weights: Places = distance.prod(axis=-1, keepdims=True) / (distance * separated)
    return weights


def _gauss_points(ratio: float, count: int, terms: int) -> Nodes:
    """The eigenvalues of the Jacobi matrix of ratio**j on j = 1 ... terms (Golub and Welsch 1969)."""
    j = np.arange(1.0, terms + 1)
    weights = ratio**j
    diagonal, beside = np.zeros(count), np.zeros(count)
    before, now, norm = np.zeros(terms), np.ones(terms), 1.0
    for k in range(count):
        square = float(weights @ (now * now))
        diagonal[k] = weights @ (j * now * now) / square
        beside[k] = square / norm if k else 0.0
        before, now, norm = now, (j - diagonal[k]) * now - beside[k] * before, square
    off = np.sqrt(beside[1:])
    return np.linalg.eigvalsh(np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1))


def _largest_error(beta1: float, beta2: float, nodes: Nodes, reach: int) -> float:
    """The relative error of a move at step FROM_STEP, over q from 1e-4 to 1e4 and over gaps."""
    j = np.arange(1.0, reach + 1)
    steps = FROM_STEP + j
    amounts = np.sqrt(1 - beta2**steps) / (1 - beta1**steps) * (beta1 / math.sqrt(beta2)) ** j
    exact_points, points = log_shifts(FROM_STEP, j, beta2), log_shifts(FROM_STEP, nodes, beta2)
    by_point = interpolation(exact_points[:, None], points, separations(points))
    weights = np.cumsum(amounts[:, None] * by_point, axis=0)
    q = np.append(0.0, np.logspace(-4, 4, 25))[:, None]
    exact = np.cumsum(amounts / (1 + q * np.exp(exact_points)), axis=1)
    summed = (weights[None] / (1 + q * np.exp(points))[:, None]).sum(axis=2)
    return float(np.abs(summed / exact - 1)[:, len(nodes) :].max())
