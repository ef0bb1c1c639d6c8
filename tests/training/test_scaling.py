"""Rows of one trainer as the start of another."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.training import PPMI, Word2Vec
from rowspace.training.scaling import scaled_to


def test_rows_scaled_for_a_trainer_start_it_off(topics) -> None:
    table = PPMI(dim=4, min_count=1).fit([*topics, ["z"]], threads=1, context=True)
    scaled = scaled_to(table, 0.5)
    lengths = np.linalg.norm(scaled.vectors, axis=1)
    assert lengths[lengths > 0].mean() == pytest.approx(0.5, rel=1e-5)
    np.testing.assert_allclose(
        scaled.vectors * table.vectors[0, 0], table.vectors * scaled.vectors[0, 0], atol=1e-6
    )
    assert scaled.context is None and scaled.metadata == table.metadata
    trained = Word2Vec(dim=4, min_count=1, epochs=1).fit(topics, threads=1, initial=scaled)
    assert trained.metadata["initial_rows"] == len(trained)


def test_rows_of_zeros_stay_zeros() -> None:
    table = Table.from_arrays(["a", "b"], np.zeros((2, 3), np.float32))
    assert not scaled_to(table, 2.0).vectors.any()
    table = Table(table.vocabulary, DenseStore(np.array([[0, 0], [3, 4]], np.float32)))
    np.testing.assert_allclose(scaled_to(table, 1.0).vectors, [[0, 0], [0.6, 0.8]], rtol=1e-6)
