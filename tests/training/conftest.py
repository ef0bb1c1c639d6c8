"""A corpus whose answer the eye can see."""

from __future__ import annotations

import numpy as np
import pytest

ANIMALS = ["cat", "dog", "fox", "hen", "owl", "pig"]
METALS = ["gold", "iron", "lead", "tin", "zinc", "brass"]


@pytest.fixture(scope="session")
def topics() -> list[list[str]]:
    """Documents about animals and documents about metals: the two never meet."""
    rng = np.random.default_rng(11)
    return [list(rng.choice([ANIMALS, METALS][number % 2], 12)) for number in range(600)]
