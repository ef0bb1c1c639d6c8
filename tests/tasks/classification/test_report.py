"""Scores against a count by hand, and against scikit-learn."""

from __future__ import annotations

import json

import numpy as np
import pytest

from rowspace.tasks.classification.report import report

NAMES = ("a", "b", "c")
CHANCES = np.array([[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.6, 0.3, 0.1], [0.5, 0.2, 0.3]], np.float32)


def test_counted_by_hand():
    found = report(CHANCES, NAMES, [("a",), ("b",), ("b",), ("a",)], threshold=None)
    assert (found.texts, found.accuracy, found.unseen_texts, found.note) == (4, 0.75, 0, "")
    assert found.labels["a"].precision == pytest.approx(2 / 3)
    assert found.labels["b"].recall == 0.5
    assert found.labels["c"].texts == 0
    assert found.macro_f1 == pytest.approx((0.8 + 2 / 3) / 2)  # c is the label of no text
    assert found.log_loss == pytest.approx(-np.log([0.8, 0.6, 0.3, 0.5]).mean(), rel=1e-5)
    assert json.loads(json.dumps(found.to_dict()))["labels"]["a"]["f1"] == pytest.approx(0.8)
    assert "accuracy 0.7500" in str(found)


def test_unseen_labels_count_as_wrong_and_are_named():
    found = report(CHANCES, NAMES, [("a",), ("x",), ("b", "y"), ("x",)], threshold=None)
    assert (found.accuracy, found.unseen_texts) == (0.25, 2)
    assert found.note == "labels never seen in training, which count as wrong: x (2), y (1)"
    assert found.recall == 1 / 5
    assert found.note in str(found)


def test_a_threshold_gives_any_number_of_labels():
    found = report(CHANCES, NAMES, [("a",), ("a", "b"), (), ("c",)], threshold=0.3)
    assert (found.precision, found.recall) == (pytest.approx(4 / 7), 1.0)
    assert found.log_loss is None


def test_as_scikit_learn_counts():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    chances = rng.random((200, 3)).astype(np.float32)
    truth = rng.choice(3, 200)
    found = report(chances, NAMES, [(NAMES[place],) for place in truth.tolist()], threshold=None)
    best = chances.argmax(axis=1)
    assert found.accuracy == pytest.approx(metrics.accuracy_score(truth, best))
    assert found.macro_f1 == pytest.approx(metrics.f1_score(truth, best, average="macro"))
    assert found.f1 == pytest.approx(metrics.f1_score(truth, best, average="micro"))
