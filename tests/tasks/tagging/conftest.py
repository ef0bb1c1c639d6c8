"""Sentences with names, and a small tagger that has learned them."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from rowspace.table import Table
from rowspace.tasks.tagging import Tagger

PEOPLE, PLACES = ["Ann", "Bob", "Cleo", "Dan"], ["Rome", "Oslo", "New York", "Lima"]
FIELDS = {"dim": 8, "filters": 8, "hidden": 12, "epochs": 6, "batch": 6, "learning_rate": 0.02}


def made(count: int, seed: int = 0) -> list[tuple[list[str], list[str]]]:
    """Pairs of tokens and BIO tags: "Ann went to New York ."."""
    rng, pairs = np.random.default_rng(seed), []
    for _ in range(count):
        person, place = str(rng.choice(PEOPLE)), str(rng.choice(PLACES)).split()
        tokens = [person, str(rng.choice(["went", "flew"])), "to", *place, "."]
        tags = ["B-PER", "O", "O", "B-LOC", *["I-LOC"] * (len(place) - 1), "O"]
        pairs.append((tokens, tags))
    return pairs


@pytest.fixture(scope="session")
def small():
    """A recipe of a small network."""
    return Tagger(**FIELDS)


@pytest.fixture(scope="session")
def pairs():
    """Training sentences."""
    return made(60)


@pytest.fixture(scope="session")
def model(small, pairs):
    """A tagger that knows these names."""
    return small.fit(pairs, validation=made(20, seed=1), threads=1)


@pytest.fixture(scope="session")
def rows():
    """A table that knows a place which training does not."""
    keys = ["ann", "bob", "rome", "oslo", "paris", "to"]
    vectors = np.random.default_rng(3).standard_normal((6, 5)).astype(np.float32)
    vectors[4] = vectors[2] + 0.01
    return Table.from_arrays(keys, vectors)


@pytest.fixture(scope="session")
def sentences():
    """A function of a count and a seed that makes so many sentences."""
    return made
