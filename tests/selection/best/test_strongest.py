"""`best` from text to one ordinary table."""

from __future__ import annotations

import time

import numpy as np
import pytest

import rowspace
from rowspace.errors import CorpusError, RecipeError
from rowspace.selection.best import best


@pytest.fixture(scope="module")
def text():
    """Short lines in which colors keep company with colors, and animals with animals."""
    rng = np.random.default_rng(5)
    colors = ["red", "green", "blue", "white", "black", "greenish"]
    animals = ["cat", "dog", "horse", "cow", "sheep", "dogs"]
    return [" ".join(rng.choice(words, 8)) for _ in range(300) for words in (colors, animals)]


@pytest.fixture(scope="module")
def table(text):
    return best(text, 1, dim=12, threads=1, progress=False)


def test_the_table_knows_what_goes_together(table):
    assert table.dim == 12
    cosine = lambda x, y: float(table[x] @ table[y] / np.linalg.norm(table[x]) / np.linalg.norm(table[y]))  # noqa: E731
    assert cosine("red", "blue") > cosine("red", "cow") + 0.2
    assert len(table) == 12 and table.counts is not None


def test_every_step_says_what_it_gained(table):
    steps = table.metadata["steps"]
    names = [step["step"] for step in steps]
    assert names[:2] == ["subwords", "subwords, post-processed"]
    assert names[-3:] == ["combined", "turned", "post-processed"]
    assert "skip-gram" in names and "counts" in names
    assert steps[0]["gain"] is None and all(isinstance(step["gain"], float) for step in steps[1:])
    best_before = max(step["score"] for step in steps[:-1])
    assert steps[-1]["gain"] == pytest.approx(steps[-1]["score"] - best_before, abs=2e-4)
    assert all(step["evidence"] for step in steps)


def test_unknown_words_and_files(table, tmp_path):
    assert "horses" not in list(table.keys) and table["horses"].any()
    opened = rowspace.open(rowspace.write(table, tmp_path / "t.rows"), verify=True)
    np.testing.assert_array_equal(opened.lookup(["red", "horses"]), table.lookup(["red", "horses"]))
    assert opened.metadata["steps"] == table.metadata["steps"]
    plain = rowspace.read(rowspace.write(table, tmp_path / "t.txt"))
    np.testing.assert_allclose(plain["red"], table["red"], atol=1e-4)


def test_one_thread_gives_the_same_rows_again(text, table):
    again = best(text, 1, dim=12, threads=1, progress=False)
    np.testing.assert_array_equal(again.vectors, table.vectors)


def test_a_tiny_budget_still_gives_a_table(text):
    started = time.monotonic()
    table = best(text, 1e-6, dim=4, threads=1, progress=False)
    assert table.vectors.any() and np.isfinite(table.vectors).all()
    assert table.metadata["seconds"] <= time.monotonic() - started


def test_a_corpus_of_one_document(text):
    assert best([" ".join(text)], 0.01, dim=4, threads=1, progress=False)["red"].any()


def test_what_is_refused(text):
    with pytest.raises(RecipeError, match="budget"):
        best(text, 0)
    with pytest.raises(RecipeError, match="dim"):
        best(text, dim=0)
    with pytest.raises(CorpusError):
        best([""])
