"""What every index must answer. Each implementation is one parameter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace.errors import RecipeError, ShapeError
from rowspace.search import ExactIndex
from rowspace.search import exact as exact_module


class GatheringStore:
    """A store that is not dense: it can only gather copies."""

    def __init__(self, vectors):
        self.hidden = vectors
        self.shape = vectors.shape

    def gather(self, ids):
        return self.hidden[ids]

    def pool(self, rows):
        raise AssertionError("a search never pools")


SETTINGS = ("KERNEL_FROM_WORK", "FEW", "FEW_WITHOUT_SKETCH", "SKETCH_FROM")
NUMPY, KERNEL, SKETCH = (np.inf, 0, 0, 0), (0, 0, 0, 0), (0, np.inf, np.inf, 0)


def three_threads(vectors, metric, **how):
    return ExactIndex(vectors, metric, threads=3, **how)


def gathered(vectors, metric, **how):
    return ExactIndex(GatheringStore(vectors), metric, **how)


IMPLEMENTATIONS = {
    "numpy": (ExactIndex, NUMPY),
    "kernel": (ExactIndex, KERNEL),
    "kernel, 3 threads": (three_threads, KERNEL),
    "sketch": (ExactIndex, SKETCH),
    "sketch, 3 threads": (three_threads, SKETCH),
    "gathered": (gathered, SKETCH),  # which makes no sketch
}


def use(patch, way, block):
    """Set which path searches take, and blocks small enough that there are several."""
    for name, value in zip(SETTINGS, way, strict=True):
        patch.setattr(exact_module, name, value)
    patch.setattr(exact_module, "FLOATS_IN_BLOCK", block)
    patch.setattr(exact_module, "BYTES_IN_BLOCK", block)


@pytest.fixture(params=IMPLEMENTATIONS)
def make(request, monkeypatch):
    """A function (vectors, metric) -> index."""
    build, way = IMPLEMENTATIONS[request.param]
    use(monkeypatch, way, 64)
    return build


def expected_scores(vectors, queries, metric):
    """Every score in float64, rounded once; NaN where it is no finite number."""
    rows, wanted = vectors.astype(np.float64), queries.astype(np.float64)
    with np.errstate(all="ignore"):
        if metric == "euclidean":
            return -np.sqrt(((wanted[:, None] - rows[None]) ** 2).sum(2).astype(np.float32))
        scores = (wanted[:, None] * rows[None]).sum(2)
        if metric == "cosine":
            lengths = np.sqrt((wanted**2).sum(1))[:, None] * np.sqrt((rows**2).sum(1))[None]
            scores = np.where(lengths == 0, 0, scores / lengths)
        return scores.astype(np.float32)


def expected_hits(vectors, queries, metric, k):
    scores = expected_scores(vectors, queries, metric)
    scores[~np.isfinite(scores)] = -np.inf
    ids = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    best = np.take_along_axis(scores, ids, 1)
    return np.where(best == -np.inf, -1, ids), best


METRICS = ["cosine", "dot", "euclidean"]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(("rows", "dim", "queries", "k"), [(1, 1, 1, 1), (500, 17, 70, 10), (37, 5, 3, 100)])
def test_finds_what_sorting_all_scores_finds(make, metric, rows, dim, queries, k):
    rng = np.random.default_rng(rows)
    vectors = rng.standard_normal((rows, dim)).astype(np.float32)
    wanted = rng.standard_normal((queries, dim)).astype(np.float32) * 10
    hits = make(vectors, metric).search(wanted, k)
    ids, scores = expected_hits(vectors, wanted, metric, k)
    assert hits.ids.dtype == np.int64
    assert hits.scores.dtype == np.float32
    np.testing.assert_array_equal(hits.ids, ids)
    np.testing.assert_allclose(hits.scores, scores, rtol=2e-7)


@pytest.mark.parametrize("metric", METRICS)
def test_equal_scores_go_by_row_id(make, metric):
    rng = np.random.default_rng(1)
    vectors = rng.standard_normal((4, 23)).astype(np.float32)[rng.integers(0, 4, 301)]
    wanted = rng.standard_normal((67, 23)).astype(np.float32)
    ids, _ = expected_hits(vectors, wanted, metric, 90)
    np.testing.assert_array_equal(make(vectors, metric).search(wanted, 90).ids, ids)


@pytest.mark.parametrize("metric", METRICS)
def test_rows_that_are_not_finite_are_no_neighbors(make, metric):
    rng = np.random.default_rng(2)
    vectors = rng.standard_normal((40, 6)).astype(np.float32)
    vectors[[0, 7, 39], [0, 5, 2]] = np.nan, np.inf, -np.inf
    vectors[11] = np.nan
    hits = make(vectors, metric).search(vectors[1:3], 40)
    assert np.isfinite(hits.scores[:, :36]).all()
    assert not np.isin(hits.ids, [0, 7, 11, 39]).any()
    assert (hits.ids[:, 36:] == -1).all()
    assert (hits.scores[:, 36:] == -np.inf).all()
    assert (np.diff(hits.scores[:, :36]) <= 0).all()


def test_cosine_with_a_zero_vector_is_zero(make):
    vectors = np.array([[-1, 0], [0, 0], [2, 0]], np.float32)
    hits = make(vectors, "cosine").search(np.array([[3, 0], [0, 0]], np.float32), 3)
    assert hits.ids.tolist() == [[2, 1, 0], [0, 1, 2]]
    assert hits.scores.tolist() == [[1, 0, -1], [0, 0, 0]]


@pytest.mark.parametrize("factor", [1e-38, 1e-30, 1e-20, 1e10, 1e18, 1e37])
def test_cosine_does_not_depend_on_the_scale(make, factor):
    rng = np.random.default_rng(3)
    vectors = rng.uniform(0.5, 1, (60, 9)).astype(np.float32)
    scaled = (vectors * np.float32(factor)).astype(np.float32)
    ids = make(scaled, "cosine").search(np.concatenate([vectors, scaled]), 1).ids
    np.testing.assert_array_equal(ids[:, 0], np.tile(np.arange(60), 2))


@pytest.mark.parametrize("metric", ["dot", "euclidean"])
def test_queries_of_very_different_lengths_do_not_disturb_each_other(make, metric):
    rng = np.random.default_rng(4)
    vectors = rng.standard_normal((300, 8)).astype(np.float32)
    wanted = (
        rng.standard_normal((80, 8)).astype(np.float32) * np.logspace(-12, 12, 80, dtype=np.float32)[:, None]
    )
    together = make(vectors, metric).search(wanted, 5)
    for query in range(0, 80, 7):
        alone = make(vectors, metric).search(wanted[query : query + 1], 5)
        np.testing.assert_array_equal(together.ids[query], alone.ids[0])
        np.testing.assert_array_equal(together.scores[query], alone.scores[0])


def test_distances_of_near_rows_far_from_the_origin_are_exact(make):
    vectors = np.full((50, 4), 1000, np.float32)
    vectors[:, 0] += np.arange(50, dtype=np.float32)[::-1] / 1024
    hits = make(vectors, "euclidean").search(vectors[[49]], 50)
    assert hits.ids[0].tolist() == list(range(49, -1, -1))
    np.testing.assert_allclose(hits.scores[0], -np.arange(50) / 1024, rtol=1e-6)


def test_limit_takes_the_first_rows_only(make):
    hits = make(np.eye(5, dtype=np.float32), "dot", limit=3).search(np.eye(5, dtype=np.float32)[[4]], 5)
    assert hits.ids.tolist() == [[0, 1, 2]]


@pytest.mark.parametrize("shape", [(0, 4), (0, 0), (3, 0)])
def test_tables_without_rows_or_values(make, shape):
    hits = make(np.zeros(shape, np.float32), "cosine").search(np.zeros((2, shape[1]), np.float32), 10)
    assert hits.ids.tolist() == [list(range(shape[0]))] * 2
    assert hits.scores.shape == (2, shape[0])


def test_no_queries(make):
    assert make(np.eye(3, dtype=np.float32), "dot").search(np.zeros((0, 3), np.float32), 2).ids.shape == (
        0,
        2,
    )


def test_strided_vectors_and_queries(make):
    rng = np.random.default_rng(5)
    wide = rng.standard_normal((90, 12)).astype(np.float32)
    hits = make(wide[:, ::2], "dot").search(np.asfortranarray(wide[:4, 1::2]), 3)
    ids, _ = expected_hits(wide[:, ::2], wide[:4, 1::2], "dot", 3)
    np.testing.assert_array_equal(hits.ids, ids)


def test_a_read_only_mapped_matrix(make, tmp_path):
    vectors = np.random.default_rng(6).standard_normal((200, 16)).astype(np.float32)
    np.save(tmp_path / "vectors.npy", vectors)
    mapped = np.load(tmp_path / "vectors.npy", mmap_mode="r")
    hits = make(mapped, "cosine").search(vectors[:70], 1)
    assert hits.ids[:, 0].tolist() == list(range(70))


@pytest.mark.unchecked
@pytest.mark.parametrize("shape", [(3,), (2, 4), (1, 1, 3)])
def test_queries_of_another_shape_are_refused(make, shape):
    with pytest.raises(ShapeError, match=r"queries must have shape \(queries, 3\)"):
        make(np.eye(3, dtype=np.float32), "cosine").search(np.zeros(shape, np.float32), 1)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_queries_that_are_not_finite_are_refused(make, value):
    with pytest.raises(ShapeError, match="query 1 holds NaN or infinity"):
        make(np.eye(2, dtype=np.float32), "cosine").search(np.array([[0, 1], [0, value]], np.float32), 1)


@pytest.mark.unchecked
@pytest.mark.parametrize("k", [0, -1, 1.5, True])
def test_k_must_be_a_whole_number_from_one_on(make, k):
    with pytest.raises(RecipeError, match="k must be"):
        make(np.eye(2, dtype=np.float32), "cosine").search(np.eye(2, dtype=np.float32), k)


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_small_whole_numbers_give_exactly_the_sorted_scores(data):
    """Whole numbers leave no rounding, and give many ties: ids must agree to the last place."""
    rows, dim, queries = (data.draw(st.integers(1, most)) for most in (40, 5, 70))
    k, block = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 99))
    way = data.draw(st.sampled_from([NUMPY, KERNEL, SKETCH]))
    metric = data.draw(st.sampled_from(METRICS))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    vectors = rng.integers(-2, 3, (rows, dim)).astype(np.float32)
    wanted = rng.integers(-2, 3, (queries, dim)).astype(np.float32)
    with pytest.MonkeyPatch.context() as patch:
        use(patch, way, block)
        hits = ExactIndex(vectors, metric, threads=2).search(wanted, k)
    ids, scores = expected_hits(vectors, wanted, metric, k)
    np.testing.assert_array_equal(hits.ids, ids)
    np.testing.assert_array_equal(hits.scores, scores)
