"""Pairs of a made-up language, and a small translator that has learned them."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from rowspace.tasks.translation import Translator

NAMES = ["Ann", "Bo", "Cleo", "Dan", "Eve", "Finn"]
SUBJECTS = {**{name: name for name in NAMES}, "the dog": "der Hund", "the cat": "die Katze"}
VERBS = {"sees": "sieht", "loves": "liebt", "hears": "hört"}
FIELDS = {
    "dim": 32, "heads": 2, "pieces": 120, "dropout": 0.0, "batch": 200, "epochs": 60, "learning_rate": 0.015,
    "precision": "float32",
}  # fmt: skip


def made(count: int, seed: int = 0) -> list[tuple[str, str]]:
    """Pairs such as "the dog sees Ann." and "der Hund sieht Ann."."""
    rng, pairs = np.random.default_rng(seed), []
    for _ in range(count):
        first, verb, second = (
            list(words.items())[int(rng.integers(len(words)))] for words in (SUBJECTS, VERBS, SUBJECTS)
        )
        pairs.append(tuple(f"{first[side]} {verb[side]} {second[side]}." for side in (0, 1)))
    return pairs


@pytest.fixture(scope="session")
def fields():
    """The fields of a recipe for a small network."""
    return FIELDS


@pytest.fixture(scope="session")
def sentences():
    """A function of a count and a seed that makes so many pairs."""
    return made


@pytest.fixture(scope="session")
def pairs():
    """Training pairs."""
    return made(80)


@pytest.fixture(scope="session")
def model(pairs):
    """A translator that knows these words."""
    return Translator(**FIELDS).fit(pairs, threads=1)
