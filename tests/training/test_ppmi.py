"""PPMI: the cells against a definition in loops, the table, and what it refuses."""

from __future__ import annotations

import json
import math
from collections import Counter

import numpy as np
import pytest

import rowspace
from rowspace.errors import CorpusError, RecipeError
from rowspace.search import nearest
from rowspace.training import NothingLearnedWarning
from rowspace.training.ppmi import PPMI

WEIGHTS = {
    "harmonic": lambda distance, window: 1 / distance,
    "linear": lambda distance, window: (window + 1 - distance) / window,
    "flat": lambda distance, window: 1.0,
}
_RNG = np.random.default_rng(2)
DOCUMENTS = [_RNG.choice(list("aaabbcdefgh"), 30).tolist() for _ in range(40)]


def information(documents, *, window, weighting, smoothing, shift, symmetric=True) -> dict:
    """The positive PMI of each pair, straight from the definition."""
    pairs: Counter[tuple[str, str]] = Counter()
    for document in documents:
        for place, center in enumerate(document):
            for distance in range(1, window + 1):
                for other in (place - distance, place + distance)[0 if symmetric else 1 :]:
                    if 0 <= other < len(document):
                        pairs[center, document[other]] += WEIGHTS[weighting](distance, window)
    rows, columns = Counter(), Counter()
    for (center, context), weight in pairs.items():
        rows[center] += weight
        columns[context] += weight
    total, smoothed = sum(rows.values()), sum(weight**smoothing for weight in columns.values())
    found = {
        (center, context): math.log(
            weight / total / (rows[center] / total * columns[context] ** smoothing / smoothed)
        )
        - math.log(shift)
        for (center, context), weight in pairs.items()
    }
    return {pair: value for pair, value in found.items() if value > 0}


@pytest.mark.parametrize("weighting", WEIGHTS)
@pytest.mark.parametrize(("smoothing", "shift"), [(1.0, 1.0), (0.75, 1.0), (0.75, 1.3), (0.0, 0.5)])
@pytest.mark.parametrize("symmetric", [True, False])
def test_full_rank_factors_are_the_positive_information(weighting, smoothing, shift, symmetric) -> None:
    asked = {
        "window": 3,
        "weighting": weighting,
        "smoothing": smoothing,
        "shift": shift,
        "symmetric": symmetric,
    }
    recipe = PPMI(dim=8, min_count=1, combine="center", **asked)
    table = recipe.fit(DOCUMENTS, threads=2, context=True)
    product = table.vectors @ table.context.vectors.T
    wanted = np.zeros((8, 8))
    place = {key: row for row, key in enumerate(table.keys)}
    for (center, context), value in information(DOCUMENTS, **asked).items():
        wanted[place[center], place[context]] = value
    assert wanted.any()
    np.testing.assert_allclose(product, wanted, atol=2e-5)


@pytest.mark.parametrize("power", [0, 0.5, 1])
def test_the_power_of_the_singular_values(power: float) -> None:
    recipe = PPMI(dim=5, min_count=1, eigenvalue_power=power, combine="center")
    table = recipe.fit(DOCUMENTS, threads=1, context=True)
    values = np.array(table.metadata["singular_values"])
    assert (np.diff(values) <= 0).all() and (values > 0).all()
    for vectors in (table.vectors, table.context.vectors):
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=0), values**power, rtol=1e-4)


def test_center_and_context_rows_combined() -> None:
    tables = {
        combine: PPMI(dim=5, min_count=1, combine=combine).fit(DOCUMENTS, threads=1, context=True)
        for combine in ("center", "sum", "mean")
    }
    center, context = tables["center"].vectors, tables["center"].context.vectors
    np.testing.assert_allclose(tables["sum"].vectors, center + context, rtol=1e-6)
    np.testing.assert_allclose(tables["mean"].vectors, (center + context) / 2, rtol=1e-6)
    np.testing.assert_array_equal(tables["sum"].context.vectors, context)


def test_topics_part(topics) -> None:
    table = PPMI(dim=4, min_count=1).fit(topics, threads=1)
    assert set(nearest(table, "cat", k=5).keys) == {"dog", "fox", "hen", "owl", "pig"}


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_rows_are_the_same_for_any_number_of_threads(topics, threads: int) -> None:
    recipe = PPMI(dim=6, min_count=1, subsample=1e-2)
    wanted = recipe.fit(topics, threads=1).vectors
    np.testing.assert_array_equal(recipe.fit(topics, threads=threads).vectors, wanted)


def test_the_record_is_json_and_complete() -> None:
    table = PPMI(dim=3, min_count=1).fit(DOCUMENTS, threads=1)
    json.dumps(table.metadata)
    wanted = {
        "recipe", "corpus", "losses", "epochs_done", "interrupted", "initial_rows", "threads", "seconds",
        "words_per_second", "version", "pairs", "positive_pairs", "singular_values",
    }  # fmt: skip
    assert wanted <= set(table.metadata)
    assert table.metadata["recipe"]["name"] == "PPMI"
    assert 0 < table.metadata["positive_pairs"] < table.metadata["pairs"]
    assert table.context is None


def test_more_values_than_the_matrix_has_are_zeros() -> None:
    table = PPMI(dim=20, min_count=1, eigenvalue_power=0).fit(DOCUMENTS, threads=1)
    assert table.shape == (8, 20)
    assert not table.vectors[:, 8:].any() and np.isfinite(table.vectors).all()


def test_keys_that_never_meet_anything_have_zero_rows() -> None:
    table = PPMI(dim=2, min_count=1).fit([["a", "b"], ["a", "b"], ["lonely"]], threads=1)
    assert not table["lonely"].any() and table["a"].any()


@pytest.mark.parametrize("documents", [[["one"]], [["a"], ["b"]], [["a", "a", "a"]]])
def test_a_corpus_without_information_warns(documents) -> None:
    with pytest.warns(NothingLearnedWarning, match="by chance"):
        table = PPMI(dim=2, min_count=1).fit(documents, threads=1)
    assert not table.vectors.any()


def test_vocabulary_and_special_keys() -> None:
    table = PPMI(dim=2, min_count=1).fit(DOCUMENTS, threads=1, special=["<pad>"])
    assert table.keys[0] == "<pad>" and not table["<pad>"].any()
    words = rowspace.vocabulary.Words.from_keys(["b", "a"])
    assert list(PPMI(dim=2).fit(DOCUMENTS, threads=1, vocabulary=words).keys) == ["b", "a"]
    unknown = PPMI(dim=2, min_count=200, unknown="unknown").fit(DOCUMENTS, threads=1)
    assert unknown["never seen"].any()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dim": 0}, "dim"),
        ({"window": 0}, "window"),
        ({"weighting": "square"}, "weighting must be one of"),
        ({"subsample": 2.0}, "subsample"),
        ({"smoothing": 1.5}, "smoothing"),
        ({"shift": 0.0}, "shift"),
        ({"shift": math.inf}, "shift"),
        ({"eigenvalue_power": -0.1}, "eigenvalue_power"),
        ({"oversampling": -1}, "oversampling"),
        ({"power_iterations": -1}, "power_iterations"),
        ({"memory_gb": 0.0}, "memory_gb"),
        ({"combine": "product"}, "combine"),
        ({"seed": -1}, "seed"),
        ({"unknown": "guess"}, "unknown"),
    ],
)
@pytest.mark.unchecked
def test_out_of_range_is_named(options, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        PPMI(**options)


def test_what_a_factorisation_does_not_have_is_refused(tmp_path) -> None:
    table = PPMI(dim=2, min_count=1).fit(DOCUMENTS, threads=1)
    with pytest.raises(RecipeError, match="initial"):
        PPMI(dim=2).fit(DOCUMENTS, initial=table)
    for options in (
        {"checkpoint": tmp_path / "c.rows"},
        {"validation": DOCUMENTS},
        {"hooks": [print]},
        {"frozen": ["a"]},
        {"anchored": ["a"]},
    ):
        with pytest.raises(RecipeError, match=f"no {next(iter(options))}"):
            PPMI(dim=2).fit(DOCUMENTS, **options)
    PPMI(dim=2, min_count=1).fit(DOCUMENTS, deterministic=True, checkpoint=None, checkpoint_minutes=1.0)
    with pytest.raises(RecipeError, match="memory"):
        PPMI(dim=2, min_count=1, memory_gb=1e-6).fit(DOCUMENTS)
    with pytest.raises(CorpusError):
        PPMI().fit([""])
