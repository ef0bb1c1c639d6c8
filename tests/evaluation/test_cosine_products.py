"""3CosMul over blocks equals its formula over the whole."""

from __future__ import annotations

import numpy as np

from rowspace.evaluation import cosine_products
from rowspace.evaluation.candidates import Candidates
from rowspace.search import exact
from rowspace.table import Table


def test_the_best_product_answers(monkeypatch):
    rng = np.random.default_rng(3)
    vectors = rng.standard_normal((50, 6))
    table = Table.from_arrays([f"k{row}" for row in range(50)], vectors.astype(np.float32))
    asked = rng.integers(0, 50, (30, 3))
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = (1 + units @ units.T) / 2
    a, b, c = asked.T
    scores = cosines[b] * cosines[c] / (cosines[a] + 1e-6)
    np.put_along_axis(scores, asked, -np.inf, axis=1)
    monkeypatch.setattr(exact, "FLOATS_IN_BLOCK", 6 * 7)
    monkeypatch.setattr(cosine_products, "SCORES_AT_A_TIME", 7 * 4)
    found = cosine_products.best_products(Candidates(table, fold=True, limit=None), asked)
    assert found.tolist() == scores.argmax(axis=1).tolist()
