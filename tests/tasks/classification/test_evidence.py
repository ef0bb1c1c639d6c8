"""Where rows start."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rowspace.corpus.labelled import LabelledTexts
from rowspace.table import Table
from rowspace.tasks.classification import TextClassifier

# At a rate of next to nothing the rows are where they started.
START = TextClassifier(dim=300, epochs=1, learning_rate=1e-9, word_ngrams=1)
TEXTS = [("a", "x both"), ("a", "x both"), ("a", "x"), ("b", "y both"), ("b", "y both"), ("c", "z")]


@pytest.mark.parametrize("loss", ["softmax", "one-vs-all", "hierarchical"])
def test_untrained_rows_classify_already(loss):
    model = replace(START, loss=loss).fit(TEXTS, threads=1)
    assert model.predict(["x", "y", "z", "x x y"]) == ["a", "b", "c", "a"]
    nothing = replace(START, loss=loss, evidence=0.0).fit(TEXTS, threads=1)
    assert np.abs(nothing.parts.vectors).max() < 1e-6


def test_evidence_is_how_many_words_count():
    """With directions at right angles the logits are the words of naive Bayes, up to what labels share."""
    one = replace(START, evidence=1.0).fit(TEXTS, threads=1)
    logits = np.log(one.chances(["x"]))[0]
    shares = np.array([3, 2, 1]) / 6
    # The text is the word and its end: the mean halves what each says, and the end says nothing.
    word = np.log((np.array([3, 0, 0]) + shares) / shares)
    np.testing.assert_allclose(np.diff(logits), np.diff(word / 2), atol=0.5)
    four = replace(START, evidence=4.0).fit(TEXTS, threads=1)
    np.testing.assert_allclose(np.diff(np.log(four.chances(["x"])[0])), 4 * np.diff(logits), rtol=1e-2)


def test_the_tree_counts_turns():
    """A node that all texts pass to one side draws that way: the chance of the label is higher than half."""
    model = replace(START, loss="hierarchical", evidence=2.0).fit(TEXTS, threads=1)
    assert (model.chances(["x", "y", "z"]).max(axis=1) > 0.5).all()


@pytest.mark.parametrize("loss", ["softmax", "one-vs-all", "hierarchical"])
def test_labels_that_no_text_has_are_none(loss):
    data = LabelledTexts.from_pairs([*TEXTS, ("d", "w"), ("e", "v")]).take(np.arange(6))
    assert data.names == ("a", "b", "c", "d", "e")
    model = replace(START, loss=loss).fit(data, threads=1)
    assert np.isfinite(model.parts.vectors).all()
    assert model.predict(["x", "y"]) == ["a", "b"]


def test_ngrams_met_once_start_at_zero_and_so_does_what_is_frozen():
    recipe = replace(START, word_ngrams=2)
    model = recipe.fit([*TEXTS, ("c", "only here")], threads=1)
    own = len(model.parts.vectors) - 7  # then each text has a row for its n-grams that were met once
    assert np.abs(model.parts.vectors[own:]).max() < 1e-6
    assert np.abs(model.parts.vectors[:own]).max() > 0.01
    table = Table.from_arrays(["x"], np.ones((1, 300), np.float32))
    frozen = replace(START, pretrained="frozen").fit(TEXTS, table=table, threads=1)
    assert (frozen.to_table()["x"] == 1).all()


def test_rows_count_how_often_they_were_met():
    model = START.fit([("a", "x x y"), ("b", "y")], threads=1)
    counts = dict(zip(model.parts.features.words.keys, model.parts.row_counts.tolist(), strict=False))
    assert counts == {"</s>": 2, "x": 2, "y": 2}
