"""The most likely labels of texts, of whatever model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rowspace.errors import RecipeError
from rowspace.tasks.classification.outputs import Chances

Predicted = list[tuple[str, float]]


def best_labels(labels: Sequence[str], chances: Chances, k: int | None, threshold: float) -> list[Predicted]:
    """The `k` most likely labels of each text with their chances, of those of at least `threshold`.

    Raises RecipeError for a k below 1; None stands for all labels.

    >>> best_labels(["a", "b"], np.array([[0.25, 0.75]], np.float32), 1, 0.0)
    [[('b', 0.75)]]
    """
    if k is not None and k < 1:
        raise RecipeError(f"k must be at least 1, but is {k}; leave it out for all labels")
    orders = np.argsort(-chances, axis=1, kind="stable")[:, :k]
    return [
        [(labels[place], float(row[place])) for place in order.tolist() if row[place] >= threshold]
        for row, order in zip(chances, orders, strict=True)
    ]
