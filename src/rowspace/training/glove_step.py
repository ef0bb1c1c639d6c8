"""What GloVe moves, and its step on a span of cells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rowspace import kernels
from rowspace.arrays import aligned_zeros
from rowspace.training.counting.tiles import Span
from rowspace.training.initial import draw_
from rowspace.training.loop import Step
from rowspace.training.matrices import Matrices
from rowspace.training.schedule import generator


def new_matrices(rows: int, dim: int, seed: int) -> Matrices:
    """Random center and context rows, biases of 0, and AdaGrad rates of 1."""
    matrices = Matrices.zeros(rows, dim)
    rng = generator(seed)
    draw_(matrices.center, dim, rng)
    draw_(matrices.context, dim, rng)
    state = {}
    for side in ("center", "context"):
        state[f"{side}_bias"] = aligned_zeros(rows, 1)
        for name, values in (("rates", matrices.center.shape[1]), ("bias_rates", 1)):
            state[f"{side}_{name}"] = aligned_zeros(rows, values)
            state[f"{side}_{name}"].fill(1)
    return replace(matrices, state=state)


def glove_step(matrices: Matrices, *, x_max: float, alpha: float) -> Step:
    """Bind the kernel to the rows that it trains."""
    kernel = kernels.load("glove").glove_
    state = matrices.state

    def step(span: Span, learning_rate: float, seed: int, position: int) -> tuple[float, float]:
        loss, pairs = kernel(
            matrices.center,
            matrices.context,
            state["center_rates"],
            state["context_rates"],
            state["center_bias"],
            state["context_bias"],
            state["center_bias_rates"],
            state["context_bias_rates"],
            np.ascontiguousarray(span["row"]),
            np.ascontiguousarray(span["column"]),
            np.ascontiguousarray(span["log_weight"]),
            x_max=x_max,
            alpha=alpha,
            learning_rate=learning_rate,
        )
        return float(loss), float(pairs)

    return step
