"""Steps: a kernel bound to the rows it trains and the distributions it draws from."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from rowspace import kernels
from rowspace.arrays import Counts, Stream
from rowspace.training.loop import Step
from rowspace.training.matrices import Matrices
from rowspace.training.sampling import alias_table, keep_thresholds, noise_weights


@runtime_checkable
class NegativeSampling(Protocol):
    """The hyper-parameters that a step with negative samples asks for."""

    @property
    def window(self) -> int:
        """Context tokens on each side."""
        ...

    @property
    def negatives(self) -> int:
        """Noise rows for each pair."""
        ...

    @property
    def subsample(self) -> float:
        """The share above which keys are thinned out."""
        ...

    @property
    def noise_exponent(self) -> float:
        """The power of the counts that noise rows are drawn by."""
        ...


def skipgram_step(recipe: NegativeSampling, matrices: Matrices, counts: Counts) -> Step:
    """Bind the skip-gram kernel to the rows it trains and the distributions it draws from."""
    kernel = kernels.load("skipgram").skipgram_
    keep = keep_thresholds(counts, recipe.subsample)
    threshold, alias = alias_table(noise_weights(counts, recipe.noise_exponent))

    def step(span: Stream, learning_rate: float, seed: int, position: int) -> tuple[float, float]:
        loss, pairs = kernel(
            matrices.center,
            matrices.context,
            span,
            keep,
            threshold,
            alias,
            window=recipe.window,
            negatives=recipe.negatives,
            learning_rate=learning_rate,
            seed=seed,
            position=position,
        )
        return float(loss), float(pairs)

    return step
