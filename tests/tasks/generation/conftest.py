"""A small language with a grammar, and models that have learned it."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from rowspace.tasks.generation import TextGenerator

FIELDS = {"dim": 16, "hidden": 24, "batch": 4, "length": 8, "epochs": 4, "learning_rate": 0.02, "samples": 20}
ANIMALS = {"cat": "sat", "dog": "lay", "hen": "stood"}
PLACES = ["mat", "rug", "bed", "box"]


def made(count: int, seed: int = 0) -> list[str]:
    """Sentences: each animal has its verb, and may be anywhere."""
    rng = np.random.default_rng(seed)
    return [
        f"the {animal} {ANIMALS[animal]} on the {rng.choice(PLACES)}"
        for animal in rng.choice(list(ANIMALS), count).tolist()
    ]


@pytest.fixture(scope="session")
def sentences():
    """A function of a count and a seed that makes so many sentences."""
    return made


@pytest.fixture(scope="session")
def fields():
    """The fields of a small recipe."""
    return FIELDS


@pytest.fixture(scope="session")
def model():
    """A recurrent model with sampled softmax that knows the grammar."""
    return TextGenerator(**FIELDS).fit(made(200), validation=made(40, seed=1), threads=1)


@pytest.fixture(scope="session")
def attending():
    """A Transformer with a full softmax."""
    own = FIELDS | {"samples": 1000, "loss": "full", "network": "transformer", "layers": 2, "epochs": 6}
    return TextGenerator(**own).fit(made(200), threads=1)
