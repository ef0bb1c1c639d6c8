"""The sketch's bounds never hide a row, and are near enough to hide most of those that do not matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace.search.bounds import query_bounds, row_bounds, shorten
from rowspace.search.sketch import Sketch

METRICS = ["cosine", "dot", "euclidean"]


def sketch_of(vectors, metric):
    drawn = Sketch.blank(*vectors.shape)
    drawn.draw_(vectors, row_bounds(vectors, metric), metric)
    return drawn


def upper_bounds(drawn, queries):
    return (queries @ drawn.codes[:, : queries.shape[1]].astype(np.float32).T) * drawn.scale + drawn.shift


def exact_floors(vectors, queries, metric):
    """value * gain + offset for each row as if it were the worst of the best."""
    gain, offset = query_bounds(queries, metric, sketched=True)
    rows, wanted = vectors.astype(np.float64), queries.astype(np.float64)
    values = wanted @ rows.T
    if metric == "cosine":
        values /= np.linalg.norm(wanted, axis=1)[:, None] * np.linalg.norm(rows, axis=1)[None]
    elif metric == "euclidean":
        values = -((wanted[:, None] - rows[None]) ** 2).sum(2)
    return values * gain[:, None] + offset[:, None]


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    dim=st.integers(1, 70),
    spread=st.sampled_from([0, 3, 12]),
    metric=st.sampled_from(METRICS),
)
def test_no_row_is_hidden(seed, dim, spread, metric):
    """Rows of one direction, of one outlying column, and of lengths from 1e-12 to 1e12."""
    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((40, dim)) + rng.integers(0, 2) * 30
    vectors[:, rng.integers(dim)] *= rng.choice([1, 1000])
    vectors = (vectors * 10.0 ** rng.uniform(-spread, spread, (40, 1))).astype(np.float32)
    queries = np.concatenate([vectors[:5], rng.standard_normal((5, dim)).astype(np.float32)])
    if metric != "euclidean":
        queries, _ = shorten(queries)
    reached = upper_bounds(sketch_of(vectors, metric), queries)
    assert (reached >= exact_floors(vectors, queries, metric).astype(np.float32)).all()


@pytest.mark.parametrize("metric", METRICS)
def test_few_rows_beside_the_best_reach_the_floor(metric):
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((5000, 100), np.float32)
    queries, _ = shorten(rng.standard_normal((20, 100), np.float32))
    floors = np.sort(exact_floors(vectors, queries, metric), axis=1)[:, -10]
    reaching = upper_bounds(sketch_of(vectors, metric), queries) >= floors[:, None]
    assert reaching.sum(axis=1).mean() < 25
