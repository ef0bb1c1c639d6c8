"""A small network for each encoder that has learned to tell animals from colors."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from rowspace.table import Table
from rowspace.tasks.classification.networks import NetworkClassifier

FIELDS = {"dim": 8, "width": 6, "epochs": 5, "batch": 8, "learning_rate": 0.02, "dropout": 0.2}


@pytest.fixture(scope="session", params=["convolution", "recurrent", "attention"])
def encoder(request) -> str:
    """The name of each encoder."""
    return request.param


@pytest.fixture(scope="session")
def small() -> NetworkClassifier:
    """A recipe of a small network."""
    return NetworkClassifier(**FIELDS)


@pytest.fixture(scope="session")
def model(encoder, pairs):
    """A model that knows these words."""
    return NetworkClassifier(**FIELDS, encoder=encoder).fit(pairs, threads=1)


@pytest.fixture(scope="session")
def rows() -> Table:
    """A table that knows an animal which no text has: its vector is nearly the dog's."""
    keys = ["cat", "dog", "red", "green", "the", "heron"]
    vectors = np.random.default_rng(3).standard_normal((6, 5)).astype(np.float32)
    vectors[5] = vectors[1] + 0.01
    return Table.from_arrays(keys, vectors)
