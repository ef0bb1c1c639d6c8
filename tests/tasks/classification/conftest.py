"""Small labelled texts that a linear model can tell apart."""

from __future__ import annotations

import numpy as np
import pytest

WORDS = {"animal": ["cat", "dog", "horse", "cow"], "color": ["red", "green", "blue", "white"]}
OTHERS = ["the", "a", "is", "of", "was"]


@pytest.fixture(scope="session")
def pairs() -> list[tuple[str, str]]:
    """Eighty texts of two labels: words of the label among words that say nothing."""
    rng = np.random.default_rng(3)
    labels = ["animal", "color"] * 40
    return [
        (label, " ".join(rng.permutation([*rng.choice(WORDS[label], 2), *rng.choice(OTHERS, 4)])))
        for label in labels
    ]
