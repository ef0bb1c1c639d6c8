"""Where to cut rows sorted by frequency into the clusters of an adaptive softmax."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64

CANDIDATES = 160  # cuts tried, evenly spread on a logarithmic scale

# What a step costs, in multiply-adds of a matrix product that also has a backward pass: fitted to 80 sizes
# of cluster (200 to 100,000 rows, widths of 2 to 128, 1 to 1024 positions) on two threads of a CPU, with a
# median error of 13 %.
COST_OF_CLUSTER = 1.2e7  # gathering its positions and starting its operators
COST_OF_LOGIT = 150.0  # exponential, sum and their gradient
COST_OF_WEIGHT = 85.0  # writing its gradient and stepping it, however few positions there are


def choose_cutoffs(
    counts: Int64[np.ndarray, "rows"] | Float64[np.ndarray, "rows"],
    dim: int,
    *,
    batch_size: int = 1024,
    div_value: float = 4.0,
    max_tails: int = 4,
) -> list[int]:
    """Choose the cutoffs with which a training step is expected to cost least.

    `counts` fall; `batch_size` is the number of positions in a step. The cost of a cluster is that of its
    matrix product, as in the paper (Grave et al. 2017, equations 2 to 4), plus its weights' and its logits'
    own: a cluster of k rows of width w that n positions are expected to enter costs

        overhead + k * n * (w + logit) + k * w * weight + n * dim * w

    multiply-adds. All divisions among 160 candidates into at most `max_tails` tails are compared, by
    dynamic programming. No cutoffs: a softmax over all rows at once is cheapest.

    >>> zipf = 10**9 // np.arange(1, 100_001)
    >>> choose_cutoffs(zipf, 128), choose_cutoffs(zipf[:20], 128)
    ([327, 5522, 21858, 52117], [])
    """
    num_rows = len(counts)
    cuts = np.unique(np.geomspace(1, max(2, num_rows), CANDIDATES).astype(np.int64))
    cuts = cuts[cuts < num_rows]
    ends = np.append(cuts, num_rows)
    mass = np.concatenate([[0.0], np.cumsum(counts, dtype=np.float64)])
    shares = mass[ends] / max(mass[-1], 1.0)

    def cost_of_tail(number: int) -> Float64[np.ndarray, "starts ends"]:
        """What tail `number` costs from each cut to each end; infinite where it would hold no row."""
        width = width_of_tail(dim, div_value, number)
        rows = ends[None, :] - cuts[:, None]
        positions = batch_size * (shares[None, :] - shares[: len(cuts), None])
        cost = COST_OF_CLUSTER + rows * positions * (width + COST_OF_LOGIT)
        cost += rows * width * COST_OF_WEIGHT + positions * dim * width
        return np.where(rows > 0, cost, np.inf)

    def cost_of_head(rows: Any) -> Any:
        return rows * (batch_size * (dim + COST_OF_LOGIT) + dim * COST_OF_WEIGHT)

    best, best_cost = [], float(cost_of_head(num_rows))
    for tails in range(1, max_tails + 1 if len(cuts) else 1):
        cutoffs, cost = _divide(cost_of_head(cuts + tails), cost_of_tail, tails)
        if cost < best_cost:
            best, best_cost = [int(cuts[each]) for each in cutoffs], cost
    return best


def width_of_tail(dim: int, div_value: float, number: int) -> int:
    """The width of tail `number`, counted from 1, at least 1.

    >>> [width_of_tail(128, 4.0, number) for number in (1, 2, 3, 4)]
    [32, 8, 2, 1]
    """
    return max(1, int(dim // div_value**number))


def _divide(
    head: Float64[np.ndarray, "starts"],
    cost_of_tail: Callable[[int], Float64[np.ndarray, "starts ends"]],
    tails: int,
) -> tuple[list[int], float]:
    """The cheapest `tails` starts of tails, as places among the cuts, and the cost of the whole."""
    costs, chosen = head, []  # costs[i]: of all before cut i
    for number in range(1, tails + 1):
        totals = costs[:, None] + cost_of_tail(number)
        chosen.append(totals.argmin(0))
        costs, last = totals.min(0)[:-1], float(totals[:, -1].min())
    place, path = len(head), []
    for starts in reversed(chosen):
        place = int(starts[place])
        path.append(place)
    return path[::-1], last
